#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>

#include "codec/array/array.hpp"

namespace smlt::image {

/// Images that hold nothing but one colour.
struct OneColour {
  int64_t count = 0;
  std::string example = {};  // of the first: where to find it
};

/// Whether all pixels are equal, transparency aside. Looks no further than the first that differs.
bool is_one_colour(const codec::Image& image);

/// Of uint8 `[n, C, H, W]`; the example is "the image at index 5".
OneColour one_coloured(const at::Tensor& pixels);

}  // namespace smlt::image
