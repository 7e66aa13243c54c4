#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace smlt::http {

/// Counts durations in fixed buckets, for Prometheus. For one thread only.
class Histogram {
 public:
  void add(std::chrono::nanoseconds duration);

  /// The lines NAME_bucket{LABEL,...}, NAME_sum{LABEL} and NAME_count{LABEL}, in seconds.
  std::string lines(std::string_view name, std::string_view label) const;

 private:
  // Seconds: from one small prediction to the longest the platform waits (60 s; asynchronous requests can take longer).
  static constexpr std::array<double, 17> kBounds = {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                                     0.1,    0.25,    0.5,    1,     2.5,    5,     10,   60};
  std::array<uint64_t, kBounds.size() + 1> counts_{};  // the last: above all bounds
  double sum_ = 0;
};

}  // namespace smlt::http
