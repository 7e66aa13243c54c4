#pragma once

#include <ATen/core/Tensor.h>

namespace smlt::image {

/// A range on an axis.
struct Span {
  int64_t begin = 0;
  int64_t size = 0;
};

/// Those rows and columns of `pixels` scaled to `height` x `width`: antialiased bilinear in fixed point, as Pillow.
/// uint8 `[1, C, H, W]` on the CPU, neither H nor W 0, to `[1, C, rows.size, columns.size]`, channels last in memory.
at::Tensor resampled(const at::Tensor& pixels, int64_t height, int64_t width, Span rows, Span columns);

}  // namespace smlt::image
