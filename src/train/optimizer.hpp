#pragma once

#include <torch/optim/optimizer.h>

#include <memory>
#include <vector>

#include "train/spec.hpp"

namespace smlt::train {

/// The torch.optim optimizer that `spec` describes, over `parameters`.
std::unique_ptr<torch::optim::Optimizer> make_optimizer(const OptimizerSpec& spec, std::vector<at::Tensor> parameters);

}  // namespace smlt::train
