#pragma once

#include <torch/nn/module.h>

#include <cstdint>

namespace smlt::tensor {

/// Dropout whose mask is a counter hash of (seed, layer, epoch, step, global row of the batch) instead of the next
/// numbers of a shared generator: sharded or not, resumed or not, the same rows are dropped. Identity in eval mode; in
/// training mode it needs a RandomScope. Kept values are scaled by 1 / (1 - p).
class DropoutImpl : public torch::nn::Module {
 public:
  enum class Unit {
    kElement,  // every value independently, as torch.nn.Dropout
    kChannel,  // whole channels of [N, C, ...], as torch.nn.Dropout2d
  };

  /// `layer` distinguishes the dropout layers of one network. 0 <= p < 1.
  DropoutImpl(double p, uint64_t layer, Unit unit = Unit::kElement) : p_(p), layer_(layer), unit_(unit) {}

  /// `input` is float `[N, ...]`, `[N, C, ...]` for channels.
  at::Tensor forward(const at::Tensor& input);

 private:
  at::Tensor mask(const at::Tensor& input) const;

  double p_;
  uint64_t layer_;
  Unit unit_;
};
TORCH_MODULE(Dropout);

}  // namespace smlt::tensor
