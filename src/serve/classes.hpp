#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "artifact/manifest.hpp"

namespace smlt::serve {

struct Prediction {
  std::string label;                  // of the class with the highest probability
  double score = 0;                   // its probability
  std::vector<double> probabilities;  // one per class, sum 1
};

/// The probabilities that the network's output [N, classes] stands for: exp of log-probabilities, else softmax.
/// Float32, as the tutorials' own handlers compute them. Throws Refusal (500) if the number of classes differs from the
/// labels.
at::Tensor probabilities(const at::Tensor& output, const artifact::Manifest& manifest);

/// A row of probabilities as a prediction. Throws UserError if one is not finite.
Prediction prediction_of(const at::Tensor& row, const artifact::Manifest& manifest);

}  // namespace smlt::serve
