#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>

#include "codec/array/array.hpp"

namespace smlt::image {

/// Images of a single colour.
struct OneColour {
  int64_t count = 0;
  std::string example = {};  // where to find the first one
};

/// Whether all pixels are equal, transparency aside. Stops at the first that differs.
bool is_one_colour(const codec::Image& image);

/// For uint8 `[n, C, H, W]`; the example is "the image at index 5".
OneColour one_coloured(const at::Tensor& pixels);

}  // namespace smlt::image
