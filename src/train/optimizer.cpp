#include "train/optimizer.hpp"

#include <torch/torch.h>

#include "base/error.hpp"

namespace smlt::train {

std::unique_ptr<torch::optim::Optimizer> make_optimizer(const OptimizerSpec& spec, std::vector<at::Tensor> parameters) {
  switch (spec.kind) {
    case OptimizerSpec::Kind::kSgd:
      return std::make_unique<torch::optim::SGD>(
          std::move(parameters),
          torch::optim::SGDOptions(spec.lr).momentum(spec.momentum).weight_decay(spec.weight_decay));
    case OptimizerSpec::Kind::kAdam:
      return std::make_unique<torch::optim::Adam>(std::move(parameters),
                                                  torch::optim::AdamOptions(spec.lr).weight_decay(spec.weight_decay));
  }
  throw AlgorithmError("Expected a known kind of optimizer, found {}.", static_cast<int>(spec.kind));
}

}  // namespace smlt::train
