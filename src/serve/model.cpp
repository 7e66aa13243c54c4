#include "serve/model.hpp"

#include <torch/script.h>
#include <torch/torch.h>

#include "base/error.hpp"
#include "base/folder.hpp"
#include "base/text.hpp"
#include "codec/shape.hpp"
#include "serve/classes.hpp"
#include "serve/fast_form.hpp"
#include "serve/script_file.hpp"

namespace smlt::serve {
namespace fs = std::filesystem;
namespace {

// What LibTorch says without its stack trace; of TorchScript's own traceback the last line tells the cause.
std::string cause(const std::exception& e) {
  const auto* error = dynamic_cast<const c10::Error*>(&e);
  std::string text = error != nullptr ? error->what_without_backtrace() : e.what();
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  const size_t traceback = text.rfind("RuntimeError: ");
  if (traceback != std::string::npos) text.erase(0, traceback);
  return shortened(text.substr(0, text.find('\n')), 400);
}

// LibTorch's allocator for processors throws no type of its own.
bool is_out_of_memory(const std::exception& e) {
  return std::string_view(e.what()).find("DefaultCPUAllocator: can't allocate memory") != std::string_view::npos;
}

// What is not the input's fault: a GPU that has failed stays so.
bool is_of_the_device(const std::exception& e) {
  return std::string_view(e.what()).find("CUDA error: ") != std::string_view::npos;
}

at::Tensor only_tensor(const c10::IValue& value) {
  if (value.isTensor()) return value.toTensor();
  throw UserError("Expected a model that returns one tensor, found one that returns {}; wrap it so that it does.",
                  in_quotes(value.tagKind()));
}

}  // namespace

Model::Model(const fs::path& directory, c10::Device device) : device_(device) {
  const fs::path manifest = directory / "model.json";
  if (is_file(manifest)) manifest_ = artifact::read_manifest(manifest);
  module_ = load_script(find_script(directory));
  module_.to(device_);
  for (const at::Tensor& weights : module_.parameters()) {
    weight_bytes_ += static_cast<int64_t>(weights.nbytes());
    if (!weight_type_ && weights.is_floating_point()) weight_type_ = weights.scalar_type();
  }
}

at::Tensor Model::forward(const at::Tensor& input) const {
  const c10::InferenceMode inference;
  try {
    return only_tensor(module_.forward({input.to(device_)})).cpu();
  } catch (const c10::OutOfMemoryError&) {
    throw;
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const Error&) {
    throw;
  } catch (const std::exception& e) {  // c10::Error, or torch::jit::JITException of a `raise` in the script
    if (is_out_of_memory(e)) throw std::bad_alloc();
    if (is_of_the_device(e)) throw;
    if (weight_type_ && input.scalar_type() != *weight_type_ && !manifest_) return forward(input.to(*weight_type_));
    throw UserError("Expected an input that the model takes, found one of shape {} and type {} that it refuses: {}",
                    codec::shape_text(input.sizes()), c10::toString(input.scalar_type()), cause(e));
  }
}

at::Tensor Model::input_of(const codec::Image& image) const {
  if (!manifest_ || !manifest_->image) {
    throw UserError("Expected a model of images, found {} that takes other data.",
                    manifest_ ? "model " + in_quotes(manifest_->model) : "one without model.json");
  }
  return tensor::normalized(tensor::prepared(image, *manifest_->image), *manifest_->image);
}

at::Tensor Model::example(int64_t rows) const {
  if (!manifest_) return {};
  std::vector<int64_t> shape = {rows};
  const auto& sizes = manifest_->input_shape;
  const auto& image = manifest_->image;
  for (size_t i = 1; i < sizes.size(); ++i) {
    const int64_t crop = !image || i < 2 ? 0 : i == 2 ? image->crop_height : image->crop_width;
    shape.push_back(sizes[i].value_or(crop));
    if (shape.back() < 1) return {};
  }
  return at::rand(shape, at::detail::createCPUGenerator(/*seed=*/1), at::kFloat);
}

std::string Model::speed_up() {
  if (!example(1).defined()) {
    return "The model has no model.json that tells its input's shape: it runs as it was saved, one request at a time, "
           "and the first is slower.";
  }
  const std::vector<at::Tensor> probes = {example(1).to(device_), example(2).to(device_)};
  const at::Tensor output = forward(probes[0]);  // says so where model.json and model.pt do not fit, as the next does
  if (!manifest_->labels.empty()) probabilities(output, *manifest_);
  FastForm fast = fastest_form(module_, probes);
  module_ = fast.module;
  return fast.sentence;
}

}  // namespace smlt::serve
