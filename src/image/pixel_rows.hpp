#pragma once

#include <ATen/core/Tensor.h>

#include "image/image.hpp"

namespace smlt::image {

/// `normalized(pixels.index_select(0, rows), spec)`, to the bit, in one pass: with few rows per step, calling the five
/// operators costs several times their computation. uint8 `[N, C, H, W]` and int64 `[rows]` to float `[rows, C, H, W]`.
at::Tensor normalized_rows(const at::Tensor& pixels, const at::Tensor& rows, const ImageSpec& spec);

}  // namespace smlt::image
