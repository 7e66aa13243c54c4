#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace smlt::codec {

/// As many dimensions as numpy's arrays can have.
inline constexpr size_t kMostDimensions = 64;

/// The number of elements of an array of this shape: 1 for an empty shape. Nothing when a size is negative, when the
/// product of the sizes times `element_size` bytes passes 2^63, or when there are no elements although the sizes above
/// 0 make more than a million: work over such a shape would have no end.
std::optional<uint64_t> elements_of(std::span<const int64_t> shape, size_t element_size);

/// As numpy prints it: "()", "(3,)", "(2, 3)".
std::string shape_text(std::span<const int64_t> shape);

}  // namespace smlt::codec
