// How the rows of a batch are laid out in memory: contiguous, or with samples innermost as in tensor/conv_block.hpp.
#pragma once

#include <ATen/core/Tensor.h>

namespace smlt::tensor {

bool is_float_on_cpu(const at::Tensor& tensor);

/// Logically `[N, C, H, W]`, uninitialised, in memory `[C, H, W, N]` with room for kVectorSlack values after it.
at::Tensor empty_samples_innermost(at::IntArrayRef sizes, at::ScalarType type);

/// Float `[N, C, H, W]` in memory `[C, H, W, N]`: itself, or a copy; with room after it if `needs_slack`.
at::Tensor samples_innermost(const at::Tensor& t, bool needs_slack);

/// Float `[N, M]`, contiguous: itself, or a copy.
at::Tensor samples_outermost(const at::Tensor& t);

}  // namespace smlt::tensor
