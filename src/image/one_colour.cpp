#include "image/one_colour.hpp"

#include <fmt/format.h>
#include <torch/torch.h>

#include <algorithm>
#include <cstring>

namespace smlt::image {
namespace {

bool all_equal(const uint8_t* values, int64_t count) {
  return count < 2 || std::memcmp(values, values + 1, static_cast<size_t>(count - 1)) == 0;
}

}  // namespace

bool is_one_colour(const codec::Image& image) {
  const auto stride = static_cast<size_t>(image.channels);
  const size_t colours = std::min<size_t>(stride, 3);
  for (size_t at = stride; at < image.pixels.size(); at += stride) {
    if (std::memcmp(image.pixels.data(), image.pixels.data() + at, colours) != 0) return false;
  }
  return true;
}

OneColour one_coloured(const at::Tensor& pixels) {
  OneColour found;
  const at::Tensor dense = pixels.contiguous();
  const int64_t area = dense.size(2) * dense.size(3);
  for (int64_t row = 0; row < dense.size(0); ++row) {
    const uint8_t* plane = dense.const_data_ptr<uint8_t>() + row * dense.size(1) * area;
    int64_t equal = 0;
    while (equal < dense.size(1) && all_equal(plane + equal * area, area)) ++equal;
    if (equal < dense.size(1)) continue;
    if (found.count++ == 0) found.example = fmt::format("the image at index {}", row);
  }
  return found;
}

}  // namespace smlt::image
