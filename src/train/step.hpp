#pragma once

#include <torch/optim/optimizer.h>

#include "models/model.hpp"
#include "tensor/random.hpp"

namespace smlt::train {

/// One optimizer step on one batch; returns its mean loss, which may not be finite (the parameters are not updated
/// then).
double step(const models::Model& model, tensor::Net& net, torch::optim::Optimizer& optimizer, const data::Batch& batch,
            const tensor::StepRandomness& randomness);

}  // namespace smlt::train
