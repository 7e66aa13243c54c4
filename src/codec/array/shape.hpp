#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace smlt::codec {

/// The most dimensions that a numpy array can have.
inline constexpr size_t kMostDimensions = 64;

/// The number of elements of an array of this shape: 1 for an empty shape. Returns nullopt if a size is negative, if
/// the product of the sizes times `element_size` bytes exceeds 2^63, or if there are no elements although the product
/// of the sizes above 0 is more than a million: a loop over such a shape would never end.
std::optional<uint64_t> elements_of(std::span<const int64_t> shape, size_t element_size);

/// As numpy prints it: "()", "(3,)", "(2, 3)".
std::string shape_text(std::span<const int64_t> shape);

}  // namespace smlt::codec
