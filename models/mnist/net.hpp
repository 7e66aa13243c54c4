#pragma once

#include <torch/nn/modules/conv.h>
#include <torch/nn/modules/linear.h>

#include "tensor/dropout.hpp"
#include "tensor/net.hpp"

namespace smlt::models::mnist {

/// The network of AWS's PyTorch MNIST example, for images of any size from 16x16 and any number of classes; 21,840
/// parameters for 28x28 and 10. Input float `[N, 1, H, W]`, output log-probabilities `[N, classes]`.
class Net : public tensor::Net {
 public:
  static constexpr int64_t kSmallestSide = 16;  // both convolutions and poolings leave one pixel of it

  Net(int64_t height, int64_t width, int64_t classes);
  at::Tensor forward(const at::Tensor& images) override;

 private:
  // Layers are created in PyTorch's order, so the same seed gives the same initial weights, bit for bit.
  torch::nn::Conv2d conv1_;
  torch::nn::Conv2d conv2_;
  tensor::Dropout conv2_drop_;
  torch::nn::Linear fc1_;
  tensor::Dropout fc1_drop_;
  torch::nn::Linear fc2_;
};

}  // namespace smlt::models::mnist
