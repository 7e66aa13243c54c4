#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tensor/net.hpp"

namespace smlt::train {

/// A copy of all parameters and buffers of a network at one moment.
class Weights {
 public:
  static Weights of(const tensor::Net& net);

  /// Puts the copy back into `net`, which has the same parameters and buffers.
  void restore(tensor::Net& net) const;

 private:
  std::vector<at::Tensor> tensors_;
};

}  // namespace smlt::train
