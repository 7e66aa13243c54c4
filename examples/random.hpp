#pragma once

#include <cmath>
#include <cstdint>
#include <numbers>
#include <random>

namespace smlt::examples {

/// Random numbers that are the same on every platform, unlike the distributions of <random>.
class Random {
 public:
  explicit Random(uint64_t seed) : bits_(seed) {}
  /// From 0 to 1, 1 excluded.
  double uniform() { return static_cast<double>(bits_() >> 11) * 0x1p-53; }
  double uniform(double from, double to) { return from + (to - from) * uniform(); }
  /// A whole number from 0, below `end`.
  int64_t below(int64_t end) { return static_cast<int64_t>(uniform(0, static_cast<double>(end))); }
  /// Nearly normal with standard deviation 1, and never beyond 3: enough for how people differ.
  double normal() {
    double sum = 0;
    for (int i = 0; i < 3; ++i) sum += uniform();
    return 2 * (sum - 1.5);
  }
  double normal(double mean, double deviation) { return mean + deviation * normal(); }
  /// Normal with standard deviation 1 (Box and Muller 1958). Its last bits follow the C library.
  double gaussian() { return std::sqrt(-2 * std::log(1 - uniform())) * std::cos(2 * std::numbers::pi * uniform()); }

 private:
  std::mt19937_64 bits_;
};

}  // namespace smlt::examples
