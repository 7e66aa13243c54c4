#pragma once

#include "engine/engine.hpp"

namespace smlt {

/// Prints one line of JSON per prediction of the model in the model directory: {"file": "a.png", "label": "7", "score":
/// 0.98, "probabilities": [...]}.
void predict_job(const PredictRequest& request, Output& output);

}  // namespace smlt
