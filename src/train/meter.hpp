#pragma once

#include <chrono>
#include <cstdint>
#include <limits>

namespace smlt::train {

/// Loss and speed of the training rows of one epoch so far.
class Meter {
 public:
  /// A step on `rows` rows with this mean loss.
  void add(double loss, int64_t rows) {
    loss_sum_ += loss * static_cast<double>(rows);
    rows_ += rows;
  }

  int64_t rows() const { return rows_; }

  /// Mean over the rows; not a number before the first.
  double loss() const {
    return rows_ > 0 ? loss_sum_ / static_cast<double>(rows_) : std::numeric_limits<double>::quiet_NaN();
  }

  /// Rows a second since the meter was made.
  double rate() const {
    const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - start_;
    return static_cast<double>(rows_) / passed.count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  double loss_sum_ = 0;
  int64_t rows_ = 0;
};

}  // namespace smlt::train
