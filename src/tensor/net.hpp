#pragma once

#include <torch/nn/module.h>

#include <string>
#include <utility>
#include <vector>

namespace smlt::tensor {

/// How many layers have a packed form, and how many bytes these take beside the weights.
struct PackedLayers {
  int64_t number = 0;
  int64_t bytes = 0;
};

/// The base of every network: LibTorch's module has no virtual forward. Parameters, buffers and children are registered
/// under their PyTorch names, which become the names in model.safetensors and model.pt.
///
/// `forward` takes and returns what the model's endpoint does (ARCHITECTURE.md) and never reads a size into an integer,
/// because tracing would freeze it. Use `flatten(1)` or `view({-1, k})`.
class Net : public torch::nn::Module {
 public:
  virtual at::Tensor forward(const at::Tensor& input) = 0;

  /// Layers that gain from it take a form for their present weights that answers faster in eval mode and computes in
  /// this type; input and output stay float32. The default packs nothing.
  virtual PackedLayers pack(at::ScalarType type) { return static_cast<void>(type), PackedLayers(); }
  virtual void unpack() {}
};

/// The network's device: that of its parameters.
c10::Device device_of(const Net& net);

using NamedTensors = std::vector<std::pair<std::string, at::Tensor>>;

/// All parameters, then all buffers, under their names. They share memory with the network.
NamedTensors state_dict(const Net& net);

}  // namespace smlt::tensor
