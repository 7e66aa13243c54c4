#pragma once

#include <utility>

#include "tensor/net.hpp"

namespace smlt::train {

/// A copy of all parameters and buffers of a network at one moment, on the CPU whatever the network's device.
class Weights {
 public:
  static Weights of(const tensor::Net& net);

  /// Restores the copy into `net`, which has the same parameters and buffers.
  void restore(tensor::Net& net) const;

  /// The tensors as a checkpoint holds them, in the order of `tensor::state_dict`.
  const tensor::NamedTensors& tensors() const { return tensors_; }
  explicit Weights(tensor::NamedTensors tensors) : tensors_(std::move(tensors)) {}
  Weights() = default;

 private:
  tensor::NamedTensors tensors_;
};

}  // namespace smlt::train
