#include "serve/classes.hpp"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>

#include "base/error.hpp"
#include "serve/refusal.hpp"

namespace smlt::serve {

at::Tensor probabilities(const at::Tensor& output, const artifact::Manifest& manifest) {
  if (output.dim() != 2 || static_cast<size_t>(output.size(1)) != manifest.labels.size()) {
    throw model_error(
        "Expected {} outputs, one per label of model.json, found {}; model.pt and model.json belong to different "
        "models.",
        manifest.labels.size(), output.dim() == 2 ? output.size(1) : output.numel());
  }
  return manifest.output == "log_probabilities" ? output.exp() : output.softmax(1);
}

Prediction prediction_of(const at::Tensor& row, const artifact::Manifest& manifest) {
  const at::Tensor values = row.to(at::kDouble).contiguous();
  const double* data = values.const_data_ptr<double>();
  const double* end = data + values.numel();
  if (data == end || !std::all_of(data, end, [](double value) { return std::isfinite(value); })) {
    throw UserError(
        "Expected finite outputs from the model, found some that are not; the input has such numbers, or the model was "
        "trained with too high a learning rate, or model.json does not belong to it.");
  }
  const double* best = std::max_element(data, end);
  return {manifest.labels[static_cast<size_t>(best - data)], *best, {data, end}};
}

}  // namespace smlt::serve
