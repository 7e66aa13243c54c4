#pragma once

#include <torch/nn/modules/conv.h>
#include <torch/nn/modules/linear.h>

#include "tensor/dropout.hpp"
#include "tensor/net.hpp"

namespace smlt::models::cifar10 {

/// What is done with the logits.
enum class Head {
  kLogits,   // AWS's example pytorch_cnn_cifar10
  kDropout,  // SageMaker-PyTorch-Step-By-Step: half of the logits dropped in training, then log-softmax
};

/// The network of both tutorials, 62,006 parameters for 10 classes. Input float `[N, 3, 32, 32]`, output logits or
/// log-probabilities `[N, classes]`.
class Net : public tensor::Net {
 public:
  Net(int64_t classes, Head head);
  at::Tensor forward(const at::Tensor& images) override;

 private:
  Head head_;
  // Layers are created in PyTorch's order, so the same seed gives the same initial weights, bit for bit.
  torch::nn::Conv2d conv1_;
  torch::nn::Conv2d conv2_;
  torch::nn::Linear fc1_;
  torch::nn::Linear fc2_;
  torch::nn::Linear fc3_;
  tensor::Dropout fc3_drop_;
};

}  // namespace smlt::models::cifar10
