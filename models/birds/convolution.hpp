#pragma once

#include <ATen/core/Tensor.h>
#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/conv.h>

#include "tensor/packed_convolution.hpp"

namespace smlt::models::birds {

using tensor::Activation;

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

  /// ReLU of the sum of convolution with BatchNorm and `other`.
  at::Tensor add_relu(const at::Tensor& images, const at::Tensor& other);

  /// Packs the current weights, to compute in this type, as in eval mode and without gradients.
  void pack(at::ScalarType type);
  void unpack() { packed_ = {}; }

  /// Whether the packed weights, if there are any, are used.
  void use_packed(bool on) { uses_packed_ = on; }

 private:
  bool is_packed() const { return uses_packed_ && packed_.weight.defined(); }
  at::Tensor normed(const at::Tensor& images);

  Activation activation_;
  torch::nn::BatchNorm2d norm_;
  tensor::PackedConvolution packed_;
  bool uses_packed_ = false;
};
TORCH_MODULE(Convolution);

}  // namespace smlt::models::birds
