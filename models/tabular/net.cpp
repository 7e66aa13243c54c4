#include "models/tabular/net.hpp"

#include <torch/torch.h>

#include "tensor/linear_block.hpp"

namespace smlt::models::tabular {
namespace {

constexpr int64_t kHidden = 10;

}  // namespace

Net::Net(int64_t features, int64_t classes, const std::optional<data::Scaling>& scaling) {
  // The order in which random numbers are drawn is the tutorial's: with its seed the weights are equal bit for bit.
  fc1_ = register_module("fc1", torch::nn::Linear(features, kHidden));
  torch::nn::init::xavier_uniform_(fc1_->weight);
  fc2_ = register_module("fc2", torch::nn::Linear(kHidden, classes));
  torch::nn::init::xavier_uniform_(fc2_->weight);
  if (!scaling) return;
  mean_ = register_buffer("mean", scaling->mean.clone());
  std_ = register_buffer("std", scaling->deviation.clone());
}

at::Tensor Net::forward(const at::Tensor& rows) {
  const at::Tensor inputs = mean_.defined() ? (rows - mean_) / std_ : rows;
  const at::Tensor hidden = tensor::linear_relu(inputs, fc1_->weight, fc1_->bias);
  return torch::sigmoid(tensor::linear_relu(hidden, fc2_->weight, fc2_->bias));
}

}  // namespace smlt::models::tabular
