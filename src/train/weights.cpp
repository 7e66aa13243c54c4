#include "train/weights.hpp"

#include <torch/torch.h>

namespace smlt::train {

Weights Weights::of(const tensor::Net& net) {
  tensor::NamedTensors tensors = tensor::state_dict(net);
  for (auto& [name, tensor] : tensors) tensor = tensor.detach().to(at::kCPU, /*non_blocking=*/false, /*copy=*/true);
  return Weights(std::move(tensors));
}

void Weights::restore(tensor::Net& net) const {
  const torch::NoGradGuard no_grad;
  tensor::NamedTensors targets = tensor::state_dict(net);
  for (size_t i = 0; i < targets.size(); ++i) targets[i].second.copy_(tensors_.at(i).second);
}

}  // namespace smlt::train
