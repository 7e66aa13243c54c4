#pragma once

#include <chrono>
#include <cstdint>
#include <limits>

namespace smlt::train {

/// Loss and speed of the training rows of one epoch so far.
class Meter {
 public:
  /// The part that a checkpoint keeps.
  struct Sums {
    double loss = 0;  // over rows
    int64_t rows = 0;
    double batch_loss = 0;  // over the batches' means
    int64_t batches = 0;
    double seconds = 0;  // of training, in this process and those before it
  };

  Meter() = default;
  explicit Meter(const Sums& sums) : sums_(sums) {}

  /// Counts a step on `rows` rows with this mean loss.
  void add(double loss, int64_t rows) {
    sums_.loss += loss * static_cast<double>(rows);
    sums_.rows += rows;
    sums_.batch_loss += loss;
    sums_.batches += 1;
  }

  int64_t rows() const { return sums_.rows; }

  /// Mean over the rows; NaN before the first.
  double loss() const { return mean(sums_.loss, sums_.rows); }
  double batch_loss() const { return mean(sums_.batch_loss, sums_.batches); }

  /// Rows per second.
  double rate() const { return static_cast<double>(sums_.rows) / sums().seconds; }

  Sums sums() const {
    Sums sums = sums_;
    sums.seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
    return sums;
  }

 private:
  static double mean(double sum, int64_t count) {
    return count > 0 ? sum / static_cast<double>(count) : std::numeric_limits<double>::quiet_NaN();
  }

  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  Sums sums_;
};

}  // namespace smlt::train
