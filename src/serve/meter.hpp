#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string>

namespace smlt::serve {

/// What the endpoint counts about its model, for /metrics.
class Meter {
 public:
  /// One run of the network over this many rows.
  void add_run(int64_t rows, double seconds);

  /// Requests that were turned away because the queue was full, or that waited longer than the timeout.
  void add_turned_away() { ++turned_away_; }

  /// Prometheus' text format.
  std::string text(size_t waiting, int64_t weight_bytes) const;

 private:
  static constexpr std::array<double, 8> kSizes = {1, 2, 4, 8, 16, 32, 64, 128};

  std::array<std::atomic<uint64_t>, kSizes.size() + 1> runs_{};  // by number of rows, the last without an upper bound
  std::atomic<int64_t> rows_ = 0;
  std::atomic<int64_t> nanoseconds_ = 0;
  std::atomic<int64_t> turned_away_ = 0;
};

}  // namespace smlt::serve
