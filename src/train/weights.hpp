#pragma once

#include <utility>

#include "tensor/net.hpp"

namespace smlt::train {

/// A copy of all parameters and buffers of a network at one moment, on the CPU wherever the network is.
class Weights {
 public:
  static Weights of(const tensor::Net& net);

  /// Puts the copy back into `net`, which has the same parameters and buffers.
  void restore(tensor::Net& net) const;

  /// As a checkpoint holds them, in the order of `tensor::state_dict`.
  const tensor::NamedTensors& tensors() const { return tensors_; }
  explicit Weights(tensor::NamedTensors tensors) : tensors_(std::move(tensors)) {}
  Weights() = default;

 private:
  tensor::NamedTensors tensors_;
};

}  // namespace smlt::train
