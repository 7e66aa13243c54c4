#pragma once

#include <array>
#include <cstdint>
#include <random>

namespace smlt::examples {

/// Random numbers that are the same on every platform, as the distributions of <random> are not.
class Random {
 public:
  explicit Random(uint64_t seed) : bits_(seed) {}
  /// From 0 to 1, 1 excluded.
  double uniform() { return static_cast<double>(bits_() >> 11) * 0x1p-53; }
  double uniform(double from, double to) { return from + (to - from) * uniform(); }
  /// Nearly normal with standard deviation 1, and never beyond 3: enough for how people differ.
  double normal() {
    double sum = 0;
    for (int i = 0; i < 3; ++i) sum += uniform();
    return 2 * (sum - 1.5);
  }
  double normal(double mean, double deviation) { return mean + deviation * normal(); }

 private:
  std::mt19937_64 bits_;
};

inline constexpr int kField = 28;

/// 28 x 28 pixels row by row, 0 (paper) to 255 (ink), made as MNIST's were (http://yann.lecun.com/exdb/mnist): the
/// glyph fitted into 20 x 20, its centre of mass put at the centre.
using Picture = std::array<uint8_t, kField * kField>;

/// A picture of `digit` (0 to 9) as some writer might have written it. The same state of `random` gives the same
/// picture on every platform.
Picture draw_digit(int digit, Random& random);

}  // namespace smlt::examples
