#include "codec/array/element_order.hpp"

#include <algorithm>
#include <cstring>
#include <type_traits>

namespace smlt::codec {
namespace {

// Calls `function` with the usual sizes known to the compiler, which makes copies single instructions.
template <typename Function>
void for_element_size(size_t size, Function function) {
  switch (size) {
    case 1:
      return function(std::integral_constant<size_t, 1>{});
    case 2:
      return function(std::integral_constant<size_t, 2>{});
    case 4:
      return function(std::integral_constant<size_t, 4>{});
    case 8:
      return function(std::integral_constant<size_t, 8>{});
    default:
      return function(size);
  }
}

}  // namespace

std::vector<int64_t> column_strides(std::span<const int64_t> shape) {
  std::vector<int64_t> strides(shape.size(), 1);
  uint64_t stride = 1;  // it may wrap around for an array without elements, which copies nothing
  for (size_t i = 1; i < shape.size(); ++i) {
    stride *= static_cast<uint64_t>(shape[i - 1]);
    strides[i] = static_cast<int64_t>(stride);
  }
  return strides;
}

void copy_in_row_order(std::span<const std::byte> from, size_t element_size, std::span<const int64_t> shape,
                       std::span<const int64_t> strides, std::span<std::byte> to) {
  std::vector<int64_t> index(shape.size(), 0);
  for_element_size(element_size, [&](auto size) {
    size_t at = 0;  // of the element in `from`
    for (size_t done = 0; done < to.size(); done += size) {
      std::memcpy(&to[done], &from[at * size], size);
      for (size_t i = shape.size(); i-- > 0;) {
        at += static_cast<size_t>(strides[i]);
        if (++index[i] < shape[i]) break;
        at -= static_cast<size_t>(strides[i] * index[i]);
        index[i] = 0;
      }
    }
  });
}

void swap_bytes(std::span<std::byte> bytes, size_t element_size) {
  for_element_size(element_size, [&](auto size) {
    for (size_t at = 0; at < bytes.size(); at += size) {
      std::reverse(bytes.begin() + static_cast<ptrdiff_t>(at), bytes.begin() + static_cast<ptrdiff_t>(at + size));
    }
  });
}

}  // namespace smlt::codec
