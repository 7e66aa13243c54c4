#include "train/step.hpp"

#include <torch/torch.h>

#include <cmath>

namespace smlt::train {

double step(const models::Model& model, tensor::Net& net, torch::optim::Optimizer& optimizer, const data::Batch& batch,
            const tensor::StepRandomness& randomness) {
  const tensor::RandomScope scope(randomness);
  optimizer.zero_grad();
  const at::Tensor loss = model.loss(net.forward(batch.inputs), batch.targets);
  const auto value = loss.item<double>();
  if (!std::isfinite(value)) return value;
  loss.backward();
  optimizer.step();
  return value;
}

}  // namespace smlt::train
