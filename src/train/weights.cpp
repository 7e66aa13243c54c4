#include "train/weights.hpp"

#include <torch/torch.h>

namespace smlt::train {
namespace {

std::vector<at::Tensor> state(const tensor::Net& net) {
  std::vector<at::Tensor> tensors = net.parameters();
  for (const at::Tensor& buffer : net.buffers()) tensors.push_back(buffer);
  return tensors;
}

}  // namespace

Weights Weights::of(const tensor::Net& net) {
  Weights copy;
  for (const at::Tensor& tensor : state(net)) copy.tensors_.push_back(tensor.detach().clone());
  return copy;
}

void Weights::restore(tensor::Net& net) const {
  const torch::NoGradGuard no_grad;
  std::vector<at::Tensor> targets = state(net);
  for (size_t i = 0; i < targets.size(); ++i) targets[i].copy_(tensors_.at(i));
}

}  // namespace smlt::train
