#include "serve/predictor.hpp"

#include <torch/script.h>
#include <torch/torch.h>

#include <algorithm>

#include "base/error.hpp"
#include "base/text.hpp"

namespace smlt::serve {
namespace fs = std::filesystem;
namespace {

torch::jit::Module load(const fs::path& path) {
  try {
    torch::jit::Module module = torch::jit::load(path.string());
    module.eval();
    return module;
  } catch (const c10::Error& e) {
    throw UserError("Expected a TorchScript model at {}, found a file that cannot be loaded: {}.",
                    in_quotes(path.native(), 200), printable(e.what_without_backtrace()).substr(0, 300));
  }
}

void require(const fs::path& directory, const char* file) {
  if (!fs::is_regular_file(directory / file)) {
    throw UserError(
        "Expected a trained model in {}, found no {}; train one first, or name its directory with --model-dir.",
        in_quotes(directory.native(), 200), file);
  }
}

at::Tensor probabilities_of(const at::Tensor& output, const std::string& kind) {
  if (kind == "log_probabilities") return output.exp();
  return output.softmax(1);
}

}  // namespace

Predictor::Predictor(const fs::path& model_directory) {
  require(model_directory, "model.json");
  require(model_directory, "model.pt");
  manifest_ = artifact::read_manifest(model_directory / "model.json");
  module_ = load(model_directory / "model.pt");
}

Prediction Predictor::predict(const codec::Image& image) const {
  if (!manifest_.image) {
    throw UserError("Expected a model of images, found model {} that takes other data.", in_quotes(manifest_.model));
  }
  const at::Tensor input = tensor::normalized(tensor::prepared(image, *manifest_.image), *manifest_.image);
  return prediction_of(probabilities(input)[0]);
}

std::vector<Prediction> Predictor::predict(std::span<const float> rows, int64_t columns, std::string_view name) const {
  check_columns(columns, name);
  const int64_t count = static_cast<int64_t>(rows.size()) / columns;
  // from_blob takes no const pointer; the network only reads it.
  const at::Tensor output = probabilities(torch::from_blob(const_cast<float*>(rows.data()), {count, columns}));
  std::vector<Prediction> predictions;
  for (int64_t row = 0; row < count; ++row) predictions.push_back(prediction_of(output[row]));
  return predictions;
}

void Predictor::check_columns(int64_t columns, std::string_view name) const {
  const auto& shape = manifest_.input_shape;
  if (takes_images() || shape.size() != 2 || !shape[1]) {
    throw UserError("Expected a model of rows of numbers for {}, found model {} that takes other data.",
                    in_quotes(name, 200), in_quotes(manifest_.model));
  }
  if (columns != *shape[1] || columns == 0) {
    throw UserError("Expected {} columns in {}, the features of the model, found {}; leave a column of labels out.",
                    *shape[1], in_quotes(name, 200), columns);
  }
}

// float64 [N, classes], each row with sum 1.
at::Tensor Predictor::probabilities(const at::Tensor& input) const {
  const torch::NoGradGuard no_grad;
  const at::Tensor output = module_.forward({input}).toTensor();
  at::Tensor probabilities = probabilities_of(output, manifest_.output).to(torch::kDouble).contiguous();
  if (static_cast<size_t>(probabilities.size(1)) != manifest_.labels.size()) {
    throw UserError(
        "Expected {} outputs, one a label of model.json, found {}; model.pt and model.json belong to different models.",
        manifest_.labels.size(), probabilities.size(1));
  }
  if (!probabilities.isfinite().all().item<bool>()) {
    throw UserError(
        "Expected finite outputs of the model, found some that are not; it was trained with too high a learning rate, "
        "or model.json does not belong to it.");
  }
  return probabilities;
}

Prediction Predictor::prediction_of(const at::Tensor& row) const {
  const double* data = row.const_data_ptr<double>();
  const double* end = data + row.numel();
  const double* best = std::max_element(data, end);
  return {manifest_.labels[static_cast<size_t>(best - data)], *best, {data, end}};
}

}  // namespace smlt::serve
