// How the rows of a batch lie in memory: one behind the other, or samples innermost as tensor/conv_block.hpp keeps
// them.
#pragma once

#include <ATen/core/Tensor.h>

namespace smlt::tensor {

bool is_float_on_cpu(const at::Tensor& tensor);

/// Logically `[N, C, H, W]`, uninitialised, in memory `[C, H, W, N]` with kVectorSlack values of room behind it.
at::Tensor empty_samples_innermost(at::IntArrayRef sizes, at::ScalarType type);

/// Float `[N, C, H, W]` in memory `[C, H, W, N]`: itself, or a copy; with room behind it when `needs_slack`.
at::Tensor samples_innermost(const at::Tensor& t, bool needs_slack);

/// Float `[N, M]`, contiguous: itself, or a copy.
at::Tensor samples_outermost(const at::Tensor& t);

}  // namespace smlt::tensor
