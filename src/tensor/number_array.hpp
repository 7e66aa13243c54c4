#pragma once

#include <ATen/core/Tensor.h>

#include "codec/array/number_array.hpp"

namespace smlt::tensor {

/// The array as a tensor of the same type and shape; its bytes are moved, not copied.
at::Tensor tensor_of(codec::NumberArray array);

/// The same numbers, dense, on the CPU and in a type that NumberType has: quantised tensors as the values they stand
/// for, bfloat16 and float8 as float32, uint16 and uint32 as the next wider signed integers, complex32 as complex64.
/// Other types that numpy lacks stay unchanged. Throws c10::Error if LibTorch cannot convert.
at::Tensor plain_numbers(const at::Tensor& tensor);

/// The tensor as an array, row-major, of the type that plain_numbers gives it. Throws AlgorithmError for a type that
/// numpy lacks (packed four-bit floats, raw bits).
codec::NumberArray array_of(const at::Tensor& tensor);

}  // namespace smlt::tensor
