#pragma once

#include <torch/nn/module.h>

#include <string>
#include <utility>
#include <vector>

namespace smlt::tensor {

/// The base of every network: LibTorch's module has no virtual forward. Parameters, buffers and children are registered
/// under their PyTorch names, which become the names in model.safetensors and model.pt.
///
/// `forward` takes and returns what the model's endpoint does (ARCHITECTURE.md) and never reads a size into an integer,
/// because tracing would freeze it. Use `flatten(1)` or `view({-1, k})`.
class Net : public torch::nn::Module {
 public:
  virtual at::Tensor forward(const at::Tensor& input) = 0;

  /// Whether the layers, whose weights no longer change, take a form that answers faster in eval mode. By default there
  /// is none.
  virtual void pack(bool on) { static_cast<void>(on); }
};

/// The network's device: that of its parameters.
c10::Device device_of(const Net& net);

using NamedTensors = std::vector<std::pair<std::string, at::Tensor>>;

/// All parameters, then all buffers, under their names. They share memory with the network.
NamedTensors state_dict(const Net& net);

}  // namespace smlt::tensor
