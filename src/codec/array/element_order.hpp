#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace smlt::codec {

/// The strides, in elements, of an array whose first index varies fastest (Fortran's order).
std::vector<int64_t> column_strides(std::span<const int64_t> shape);

/// Copies the elements of an array into row-major order (the last index varies fastest) from the places that `strides`,
/// in elements, give. `from` and `to` have the size of the array, and the strides stay inside it.
void copy_in_row_order(std::span<const std::byte> from, size_t element_size, std::span<const int64_t> shape,
                       std::span<const int64_t> strides, std::span<std::byte> to);

/// Reverses the byte order of each element.
void swap_bytes(std::span<std::byte> bytes, size_t element_size);

}  // namespace smlt::codec
