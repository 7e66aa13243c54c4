#pragma once

#include <ATen/core/Tensor.h>

#include <span>

namespace smlt::serve {

/// The largest absolute difference between tensors of the same shapes; infinite if shapes differ, NaN if one of the
/// values is NaN.
double largest_difference(std::span<const at::Tensor> expected, std::span<const at::Tensor> found);

/// Whether answers may differ by this much: a finite number, at most a tenth, of a probability or of the largest
/// output.
bool is_tolerable(double difference, std::span<const at::Tensor> expected);

}  // namespace smlt::serve
