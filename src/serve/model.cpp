#include "serve/model.hpp"

#include <torch/torch.h>

#include <algorithm>
#include <new>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/folder.hpp"
#include "base/text.hpp"
#include "codec/array/shape.hpp"
#include "script/failure.hpp"
#include "serve/classes.hpp"
#include "serve/joined.hpp"
#include "serve/model_file.hpp"
#include "serve/network_failure.hpp"
#include "serve/precision.hpp"
#include "serve/refusal.hpp"

namespace smlt::serve {
namespace fs = std::filesystem;
namespace {

// The same with all tensors on the CPU, so that a GPU's failures appear here.
c10::IValue on_cpu(const c10::IValue& value) {
  if (value.isTensor()) return value.toTensor().defined() ? value.toTensor().cpu() : value;
  if (value.isTuple()) {
    std::vector<c10::IValue> elements;
    for (const c10::IValue& element : value.toTupleRef().elements()) elements.push_back(on_cpu(element));
    return c10::ivalue::Tuple::create(std::move(elements));
  }
  if (value.isList()) {
    c10::impl::GenericList list(c10::AnyType::get());
    for (const c10::IValue& element : value.toListRef()) list.push_back(on_cpu(element));
    return list;
  }
  if (!value.isGenericDict()) return value;
  const c10::impl::GenericDict dictionary = value.toGenericDict();
  c10::impl::GenericDict moved(dictionary.keyType(), c10::AnyType::get());
  for (const auto& entry : dictionary) moved.insert(entry.key(), on_cpu(entry.value()));
  return moved;
}

// Whether images may differ in size: then some sizes may be ones that the network cannot take.
bool has_free_sizes(const artifact::Manifest& manifest) {
  const auto& shape = manifest.input_shape;
  return std::find(shape.begin() + std::min<ptrdiff_t>(1, std::ssize(shape)), shape.end(), std::nullopt) != shape.end();
}

}  // namespace

Model::Model(const fs::path& where, const LoadOptions& options)
    : device_(options.device), options_(options), most_rows_(options.rows) {
  const fs::path manifest = where / "model.json";
  if (is_folder(where) && is_file(manifest)) manifest_ = artifact::read_manifest(manifest);
  file_ = find_model(where);
  network_ = load_network(file_, this->manifest(), options);
  const at::Tensor row = example(1);
  if (!row.defined()) return;
  most_rows_ = JoinLimits{.rows = options.rows}.rows_of(static_cast<int64_t>(row.nbytes()));
  const c10::InferenceMode inference;
  most_rows_ = network_->most_rows(example(most_rows_).to(device_));
}

c10::IValue Model::answer(const at::Tensor& input) const {
  const c10::InferenceMode inference;
  try {
    c10::IValue output = network_->forward(input.to(device_));
    return device_.is_cpu() ? output : on_cpu(output);
  } catch (const std::exception& e) {  // c10::Error, what the interpreter makes of it, or a script's JITException
    return after_failure(input, e);
  }
}

c10::IValue Model::after_failure(const at::Tensor& input, const std::exception& error) const {
  const Blame blame = blame_for(error, device_);
  if (blame == Blame::kMemory) throw std::bad_alloc();
  if (blame == Blame::kDevice) {
    throw PlatformError("Expected a working GPU, found one that has failed, so the endpoint ends: {}",
                        script::cause_of(error));
  }
  const std::optional<at::ScalarType> type_of_weights = network_->weight_type();
  const bool has_another_type = type_of_weights && input.scalar_type() != *type_of_weights;
  if (blame == Blame::kRequest && !manifest_ && has_another_type) return answer(input.to(*type_of_weights));
  const std::string shape = codec::shape_text(input.sizes());
  const char* type = c10::toString(input.scalar_type());
  if (blame == Blame::kModel || !network_->takes_a_tensor() || (manifest_ && !has_free_sizes(*manifest_))) {
    throw model_error(
        "Expected an answer from the model to an input of shape {} and type {}, found a failure in it: {}", shape, type,
        script::cause_of(error));
  }
  throw UserError("Expected an input that the model accepts, found one of shape {} and type {} that it refuses: {}",
                  shape, type, script::cause_of(error));
}

at::Tensor Model::forward(const at::Tensor& input) const {
  const c10::IValue output = answer(input);
  if (output.isTensor()) return output.toTensor();
  throw model_error("Expected a model that returns one tensor, as its model.json says, found one that returns {}.",
                    in_quotes(output.tagKind()));
}

at::Tensor Model::input_of(const codec::Image& image) const {
  if (!manifest_ || !manifest_->image) {
    throw UserError("Expected a model for images, found {} that takes other data.",
                    manifest_ ? "model " + in_quotes(manifest_->model) : "one without model.json");
  }
  return image::normalized(image::prepared(image, *manifest_->image), *manifest_->image);
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

std::vector<at::Tensor> Model::probes() const { return {example(1).to(device_), example(2).to(device_)}; }

std::vector<at::Tensor> Model::probe_answers() const {
  std::vector<at::Tensor> answers;
  for (const at::Tensor& probe : probes()) {
    const at::Tensor output = forward(probe);
    answers.push_back(manifest_->labels.empty() ? output : probabilities(output, *manifest_));
  }
  return answers;
}

std::string Model::take_bfloat16() {
  if (!example(1).defined()) {
    throw UserError(
        "Expected a model.json that tells the shape of an input for --precision bf16, so that its answers can be "
        "compared with fp32's, found none; add one to the model, or leave --precision out.");
  }
  const std::vector<at::Tensor> expected = probe_answers();
  std::string reason;
  try {
    bfloat16_layers_ = network_->to_bfloat16();
    difference_ = bfloat16_layers_ == 0 ? 0 : largest_difference(expected, probe_answers());
    const std::string sentence = fmt::format("probes differ from fp32 by at most {:.3g}", difference_);
    if (bfloat16_layers_ == 0) return "Precision bf16: " + sentence + ", because no layer gains from it.";
    if (is_tolerable(difference_, expected)) return "Precision bf16: " + sentence + ".";
    reason = "its " + sentence;
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& e) {
    reason = script::cause_of(e);
  }
  network_ = load_network(file_, manifest(), options_);
  bfloat16_layers_ = 0;
  difference_ = 0;
  return "Precision fp32, because bf16 cannot be used: " + reason + (reason.ends_with(".") ? "" : ".");
}

std::string Model::speed_up() {
  if (!example(1).defined()) {
    return "The model has no model.json that tells its input's shape: it runs as it was saved, one request at a time, "
           "and the first is slower.";
  }
  if (bfloat16_layers_ > 0) {
    return fmt::format("The model computes {} in bfloat16, the rest in float32.", counted(bfloat16_layers_, "layer"));
  }
  const at::Tensor output = forward(probes()[0]);  // fails if model.json and the network do not fit, as the next line
  if (!manifest_->labels.empty()) probabilities(output, *manifest_);
  return network_->speed_up(probes());
}

}  // namespace smlt::serve
