#include "serve/predictor.hpp"

#include <torch/torch.h>

#include "base/error.hpp"
#include "base/folder.hpp"
#include "base/text.hpp"

namespace smlt::serve {
namespace fs = std::filesystem;
namespace {

const fs::path& checked(const fs::path& directory) {
  if (is_file(directory / "model.json")) return directory;
  throw UserError(
      "Expected a trained model in {}, found no model.json; train one first, or name its directory with --model-dir.",
      in_quotes(directory.native(), 200));
}

}  // namespace

Predictor::Predictor(const fs::path& model_directory, const LoadOptions& options)
    : model_(checked(model_directory), options) {}

Prediction Predictor::predict(const codec::Image& image) const {
  return prediction_of(probabilities(model_.forward(model_.input_of(image)), manifest())[0], manifest());
}

std::vector<Prediction> Predictor::predict(std::span<const float> rows, int64_t columns, std::string_view name) const {
  check_columns(columns, name);
  const int64_t count = static_cast<int64_t>(rows.size()) / columns;
  // from_blob takes no const pointer; the network only reads it.
  const at::Tensor input = torch::from_blob(const_cast<float*>(rows.data()), {count, columns});
  const at::Tensor output = probabilities(model_.forward(input), manifest());
  std::vector<Prediction> predictions;
  for (int64_t row = 0; row < count; ++row) predictions.push_back(prediction_of(output[row], manifest()));
  return predictions;
}

void Predictor::check_columns(int64_t columns, std::string_view name) const {
  const auto& shape = manifest().input_shape;
  if (takes_images() || shape.size() != 2 || !shape[1]) {
    throw UserError("Expected a model for rows of numbers for {}, found model {} that takes other data.",
                    in_quotes(name, 200), in_quotes(manifest().model));
  }
  if (columns != *shape[1] || columns == 0) {
    throw UserError("Expected {} columns in {}, the features of the model, found {}; leave a column of labels out.",
                    *shape[1], in_quotes(name, 200), columns);
  }
}

}  // namespace smlt::serve
