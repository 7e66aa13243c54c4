#pragma once

#include <ATen/core/Tensor.h>
#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/conv.h>

namespace smlt::models::birds {

enum class Activation { kNone, kRelu, kRelu6 };

/// A convolution and what follows it: the BatchNorm it was constructed with, if any (its parent registers it under its
/// own name), and an activation. When packed, the BatchNorm with its running statistics is folded into the weights, and
/// everything is one oneDNN operator: in bfloat16 that is twice as fast as separate operators.
class ConvolutionImpl : public torch::nn::Conv2dImpl {
 public:
  explicit ConvolutionImpl(const torch::nn::Conv2dOptions& geometry, Activation activation = Activation::kNone,
                           torch::nn::BatchNorm2d norm = nullptr)
      : torch::nn::Conv2dImpl(geometry), activation_(activation), norm_(std::move(norm)) {}

  /// `[N, C, H, W]`, of the type it is packed for if the packed weights are used.
  at::Tensor forward(const at::Tensor& images);

  /// ReLU of the sum of convolution with BatchNorm and `other`; if the packed weights are used, the result may reuse
  /// the memory of `other`.
  at::Tensor add_relu(const at::Tensor& images, const at::Tensor& other);

  /// Packs the current weights, to compute in this type, as in eval mode and without gradients.
  void pack(at::ScalarType type);
  void unpack() { weight_ = bias_ = at::Tensor(); }

  /// Whether the packed weights, if there are any, are used.
  void use_packed(bool on) { uses_packed_ = on; }

 private:
  bool is_packed() const { return uses_packed_ && weight_.defined(); }
  at::Tensor normed(const at::Tensor& images);

  Activation activation_;
  torch::nn::BatchNorm2d norm_;
  at::Tensor weight_, bias_;  // packed
  bool uses_packed_ = false;
};
TORCH_MODULE(Convolution);

}  // namespace smlt::models::birds
