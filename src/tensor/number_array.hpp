#pragma once

#include <ATen/core/Tensor.h>

#include "codec/array/number_array.hpp"

namespace smlt::tensor {

/// The array as a tensor of the same type and shape; its bytes are taken over, not copied.
at::Tensor tensor_of(codec::NumberArray array);

/// The same numbers, dense, on the CPU and in a type that NumberType has: of quantised tensors what they stand for,
/// bfloat16 and float8 as float32, uint16 and uint32 as the next wider signed integers, complex32 as complex64. What
/// numpy has no type for otherwise stays as it is. Throws c10::Error where LibTorch cannot convert.
at::Tensor plain_numbers(const at::Tensor& tensor);

/// The tensor as an array, row-major, of the type that plain_numbers gives it. Throws AlgorithmError for a type that
/// numpy has none for (packed floats of four bits, bare bits).
codec::NumberArray array_of(const at::Tensor& tensor);

}  // namespace smlt::tensor
