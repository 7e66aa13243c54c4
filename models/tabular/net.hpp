#pragma once

#include <torch/nn/modules/linear.h>

#include "data/split.hpp"
#include "tensor/net.hpp"

namespace smlt::models::tabular {

/// The network of the tutorial, for any number of features and classes; 193 parameters for 15 and 3. Input float
/// `[N, features]`, output scores `[N, classes]` from 0.5 to 1: a ReLU and then a sigmoid follow the last layer. With a
/// scaling its input is scaled first, by the buffers `mean` and `std`; without one there are no such buffers.
class Net : public tensor::Net {
 public:
  Net(int64_t features, int64_t classes, const std::optional<data::Scaling>& scaling = {});
  at::Tensor forward(const at::Tensor& rows) override;

 private:
  torch::nn::Linear fc1_{nullptr};
  torch::nn::Linear fc2_{nullptr};
  at::Tensor mean_, std_;  // float [features], undefined without a scaling
};

}  // namespace smlt::models::tabular
