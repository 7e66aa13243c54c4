#pragma once

#include <ATen/core/Tensor.h>

#include "kernels/processor.hpp"

namespace smlt::image {

/// A range on an axis.
struct Span {
  int64_t begin = 0;
  int64_t size = 0;
};

/// The rows and columns of `pixels` scaled to `height` x `width`, computing only those in the two spans: antialiased
/// bilinear in fixed point, bit for bit the result of LibTorch's _upsample_bilinear2d_aa for bytes, which computes all
/// of them. uint8 `[1, C, H, W]` with one or three channels on the CPU, neither H nor W 0, to `[1, C, rows.size,
/// columns.size]`, channels last in memory.
at::Tensor resampled(const at::Tensor& pixels, int64_t height, int64_t width, Span rows, Span columns,
                     kernels::Processor processor = kernels::best_processor());

/// The same numbers, channels first in memory. uint8 `[1, C, H, W]`.
at::Tensor channels_first(const at::Tensor& pixels, kernels::Processor processor = kernels::best_processor());

}  // namespace smlt::image
