#include "codec/array/shape.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace smlt::codec {

std::optional<uint64_t> elements_of(std::span<const int64_t> shape, size_t element_size) {
  constexpr int64_t kMostOfNothing = 1000000;
  int64_t product = 1, bytes = 0;
  for (const int64_t size : shape) {
    if (size < 0 || __builtin_mul_overflow(product, std::max<int64_t>(size, 1), &product)) return std::nullopt;
  }
  if (__builtin_mul_overflow(product, static_cast<int64_t>(element_size), &bytes)) return std::nullopt;
  if (std::find(shape.begin(), shape.end(), 0) == shape.end()) return static_cast<uint64_t>(product);
  return product > kMostOfNothing ? std::nullopt : std::optional<uint64_t>(0);
}

std::string shape_text(std::span<const int64_t> shape) {
  std::string text = "(";
  for (const int64_t size : shape) text += fmt::format("{}{}", text.size() > 1 ? ", " : "", size);
  return text + (shape.size() == 1 ? ",)" : ")");
}

}  // namespace smlt::codec
