#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace smlt::codec {

/// The strides, in elements, of an array whose first index varies fastest (Fortran's order).
std::vector<int64_t> column_strides(std::span<const int64_t> shape);

/// Copies the elements of an array to where its last index varies fastest (row-major order), from where `strides`, in
/// elements, say that they lie. `from` and `to` are of the size of the array, which the strides do not leave.
void copy_in_row_order(std::span<const std::byte> from, size_t element_size, std::span<const int64_t> shape,
                       std::span<const int64_t> strides, std::span<std::byte> to);

/// Turns the byte order of each element around.
void swap_bytes(std::span<std::byte> bytes, size_t element_size);

}  // namespace smlt::codec
