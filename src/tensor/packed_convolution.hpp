#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace smlt::tensor {

enum class Activation : int64_t { kNone, kRelu, kRelu6 };

/// How the window of a convolution in two dimensions moves.
struct ConvGeometry {
  std::vector<int64_t> padding, stride, dilation;
  int64_t groups = 1;
};

/// A convolution on a CPU whose weights oneDNN has brought into its own order and type once, instead of at every call.
/// Images, results and `other` have that type; results are channels_last if the images are, which is faster.
struct PackedConvolution {
  at::Tensor weight, bias;
  ConvGeometry geometry;

  /// `[N, C, H, W]` to `[N, filters, h, w]`.
  at::Tensor forward(const at::Tensor& images, Activation activation) const;

  /// ReLU of the sum of convolution and `other`, which have the same shape.
  at::Tensor add_relu(const at::Tensor& images, const at::Tensor& other) const;
};

/// From float weights `[filters, C / groups, height, width]` and bias `[filters]`.
PackedConvolution packed(const at::Tensor& weight, const at::Tensor& bias, const ConvGeometry& geometry,
                         at::ScalarType type);

/// In bfloat16, and channels_last if it has four dimensions.
at::Tensor to_bfloat16(const at::Tensor& tensor);

}  // namespace smlt::tensor
