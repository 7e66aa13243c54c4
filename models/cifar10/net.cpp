#include "models/cifar10/net.hpp"

#include <torch/torch.h>

#include "tensor/conv_block.hpp"
#include "tensor/linear_block.hpp"

namespace smlt::models::cifar10 {
namespace {

constexpr int64_t kKernel = 5;
constexpr int64_t kFeatures = 16 * 5 * 5;
constexpr double kDropout = 0.5;

}  // namespace

Net::Net(int64_t classes, Head head)
    : head_(head),
      conv1_(torch::nn::Conv2dOptions(3, 6, kKernel)),
      conv2_(torch::nn::Conv2dOptions(6, 16, kKernel)),
      fc1_(kFeatures, 120),
      fc2_(120, 84),
      fc3_(84, classes),
      fc3_drop_(kDropout, /*layer=*/1) {
  register_module("conv1", conv1_);
  register_module("conv2", conv2_);
  register_module("fc1", fc1_);
  register_module("fc2", fc2_);
  register_module("fc3", fc3_);
  if (head_ == Head::kDropout) register_module("fc3_drop", fc3_drop_);
}

at::Tensor Net::forward(const at::Tensor& images) {
  // The tutorials pool after the ReLU; both orders give the same values and gradients.
  at::Tensor x = tensor::conv_pool_relu(images, conv1_->weight, conv1_->bias);  // 3x32x32 -> 6x14x14
  x = tensor::conv_pool_relu(x, conv2_->weight, conv2_->bias);                  // 6x14x14 -> 16x5x5
  x = tensor::linear_relu(x.flatten(1), fc1_->weight, fc1_->bias);              // 400 -> 120
  x = tensor::linear_relu(x, fc2_->weight, fc2_->bias);                         // 120 -> 84
  x = tensor::linear(x, fc3_->weight, fc3_->bias);                              // 84 -> classes
  return head_ == Head::kLogits ? x : torch::log_softmax(fc3_drop_(x), /*dim=*/1);
}

}  // namespace smlt::models::cifar10
