#pragma once

#include <ATen/core/Tensor.h>

#include "codec/array/array.hpp"

namespace smlt::tensor {

/// A uint8 tensor that owns the array's bytes: without copying what may be most of the job's memory.
at::Tensor as_tensor(codec::ByteArray array);

/// The same for numbers: float `[rows, columns]`.
at::Tensor as_tensor(codec::FloatTable table);

}  // namespace smlt::tensor
