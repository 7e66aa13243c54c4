#pragma once

#include <array>
#include <cstdint>

#include "random.hpp"

namespace smlt::examples {

inline constexpr int kField = 28;

/// 28 x 28 pixels row by row, 0 (paper) to 255 (ink), made as MNIST's were (http://yann.lecun.com/exdb/mnist): the
/// glyph fitted into 20 x 20, its centre of mass put at the centre.
using Picture = std::array<uint8_t, kField * kField>;

/// A picture of `digit` (0 to 9) as some writer might have written it. The same state of `random` gives the same
/// picture on every platform.
Picture draw_digit(int digit, Random& random);

}  // namespace smlt::examples
