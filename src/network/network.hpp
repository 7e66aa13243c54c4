// Room network: what computes behind the endpoint and `predict`, whatever it was saved as.
#pragma once

#include <ATen/core/Tensor.h>
#include <ATen/core/ivalue.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace smlt::network {

/// A trained network in eval mode, on one device.
class Network {
 public:
  virtual ~Network() = default;

  /// The output for an input on the network's device; may be called from several threads at once. Throws what LibTorch
  /// or the network itself throws.
  virtual c10::IValue forward(const at::Tensor& input) const = 0;

  /// The size of the weights in bytes.
  virtual int64_t weight_bytes() const = 0;

  /// The type of the first floating-point weights, if there are any.
  virtual std::optional<at::ScalarType> weight_type() const = 0;

  /// Whether it can be called with one tensor at all.
  virtual bool takes_a_tensor() const { return true; }

  /// Whether it is known in advance that the output is not one tensor but a tuple, a list, a dictionary, a number or a
  /// text.
  virtual bool returns_structures() const { return false; }

  /// How many rows like those in requests may go through it together, at most as many as `rows` has. Throws UserError
  /// if it does not take even one.
  virtual int64_t most_rows(const at::Tensor& rows) { return rows.size(0); }

  /// Whether its operators use as many threads as OpenMP allows the calling thread.
  virtual bool uses_operator_threads() const { return true; }

  /// From now on the layers that gain from it compute in bfloat16, on a CPU; input and output stay float32. Returns
  /// their number; 0 means that nothing has changed. Throws what LibTorch throws if that is impossible.
  virtual int64_t to_bfloat16() { return 0; }

  /// Takes its fastest form whose answers to these inputs stay equal (absolutely or relatively to 1e-4). Returns a
  /// sentence that says which. Throws what `forward` throws for an input.
  virtual std::string speed_up(std::span<const at::Tensor> inputs) = 0;
};

}  // namespace smlt::network
