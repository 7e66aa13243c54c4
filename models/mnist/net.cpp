#include "models/mnist/net.hpp"

#include <torch/torch.h>

#include "tensor/conv_block.hpp"
#include "tensor/linear_block.hpp"

namespace smlt::models::mnist {
namespace {

constexpr int64_t kKernel = 5;
constexpr int64_t kPool = 2;
constexpr int64_t kChannels1 = 10;
constexpr int64_t kChannels2 = 20;
constexpr int64_t kHidden = 50;
constexpr double kDropout = 0.5;

// Pixels of one side after a convolution and a pooling.
constexpr int64_t after_block(int64_t side) { return (side - kKernel + 1) / kPool; }

constexpr int64_t features(int64_t height, int64_t width) {
  return kChannels2 * after_block(after_block(height)) * after_block(after_block(width));
}
static_assert(features(28, 28) == 320);
static_assert(features(Net::kSmallestSide, Net::kSmallestSide) == kChannels2);

}  // namespace

Net::Net(int64_t height, int64_t width, int64_t classes)
    : conv1_(torch::nn::Conv2dOptions(1, kChannels1, kKernel)),
      conv2_(torch::nn::Conv2dOptions(kChannels1, kChannels2, kKernel)),
      conv2_drop_(kDropout, /*layer=*/1, tensor::DropoutImpl::Unit::kChannel),
      fc1_(features(height, width), kHidden),
      fc1_drop_(kDropout, /*layer=*/2),
      fc2_(kHidden, classes) {
  register_module("conv1", conv1_);
  register_module("conv2", conv2_);
  register_module("conv2_drop", conv2_drop_);
  register_module("fc1", fc1_);
  register_module("fc1_drop", fc1_drop_);
  register_module("fc2", fc2_);
}

at::Tensor Net::forward(const at::Tensor& images) {
  at::Tensor x = tensor::conv_pool_relu(images, conv1_->weight, conv1_->bias);  // 1x28x28 -> 10x12x12
  // The tutorial drops channels before pooling; a mask that is not negative commutes with the maximum and the ReLU.
  x = conv2_drop_(tensor::conv_pool_relu(x, conv2_->weight, conv2_->bias));           // 10x12x12 -> 20x4x4
  x = fc1_drop_(tensor::linear_relu(x.flatten(1), fc1_->weight, fc1_->bias));         // 320 -> 50
  return torch::log_softmax(tensor::linear(x, fc2_->weight, fc2_->bias), /*dim=*/1);  // 50 -> 10
}

}  // namespace smlt::models::mnist
