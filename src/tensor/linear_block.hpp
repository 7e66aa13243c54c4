#pragma once

#include <ATen/core/Tensor.h>

#include "kernels/processor.hpp"

namespace smlt::tensor {

/// linear(input, weight, bias) and its ReLU for float `[N, inputs]`, weight `[outputs, inputs]`, bias `[outputs]`;
/// differentiable once in all three. For narrow layers, where calling LibTorch's operators (some fifteen per layer,
/// forward and backward) costs more than their arithmetic: one call each way, on the calling thread only. Bits depend
/// on the batch and the processor. Everything the kernels do not support, and tracing, goes to LibTorch's operators.
at::Tensor linear(const at::Tensor& input, const at::Tensor& weight, const at::Tensor& bias);
at::Tensor linear_relu(const at::Tensor& input, const at::Tensor& weight, const at::Tensor& bias);

/// The same with the kernel of `processor`, for tests: it must run here and the tensors must fit.
at::Tensor linear_on(kernels::Processor processor, const at::Tensor& input, const at::Tensor& weight,
                     const at::Tensor& bias, bool relu);

}  // namespace smlt::tensor
