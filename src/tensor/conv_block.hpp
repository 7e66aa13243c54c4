#pragma once

#include <ATen/core/Tensor.h>

#include "kernels/processor.hpp"

namespace smlt::tensor {

/// relu(max_pool2d(conv2d(input, weight, bias), 2)) for float `[N, C, H, W]`, weight `[O, C, k, k]`, bias `[O]`; stride
/// 1, no padding; differentiable once in all three. A channel mask that is not negative commutes with both (dropout2d).
///
/// For few channels LibTorch's operators are far from what the processor can do. Here the three are one loop nest with
/// the samples in the vector lanes (conv_forward.inc), on the calling thread only: batches are split across threads
/// outside. The result's memory is `[O, H', W', N]`, and an input with that layout is used without a copy, so
/// consecutive blocks pass their images on unchanged. Bits depend on the batch and the processor, not on when or where
/// it runs.
///
/// Everything the kernels do not support goes to `conv_pool_relu_plain`: other types and devices, k > 11, and tracing,
/// so that an exported model contains PyTorch's operators.
at::Tensor conv_pool_relu(const at::Tensor& input, const at::Tensor& weight, const at::Tensor& bias);

/// The same in LibTorch's operators.
at::Tensor conv_pool_relu_plain(const at::Tensor& input, const at::Tensor& weight, const at::Tensor& bias);

/// conv_pool_relu with the kernel of `processor`, for tests: it must run here and the tensors must fit.
at::Tensor conv_pool_relu_on(kernels::Processor processor, const at::Tensor& input, const at::Tensor& weight,
                             const at::Tensor& bias);

}  // namespace smlt::tensor
