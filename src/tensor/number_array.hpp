#pragma once

#include <ATen/core/Tensor.h>

#include "codec/number_array.hpp"

namespace smlt::tensor {

/// The array as a tensor of the same type and shape; its bytes are taken over, not copied.
at::Tensor tensor_of(codec::NumberArray array);

/// The tensor as an array, row-major, of the same type; bfloat16 becomes float32. Throws AlgorithmError for a type
/// that numpy has no name for (complex, quantised).
codec::NumberArray array_of(const at::Tensor& tensor);

}  // namespace smlt::tensor
