#pragma once

#include <omp.h>

namespace smlt::tensor {

/// While it exists, LibTorch operators called on this thread use at most this many threads. Costs next to nothing,
/// unlike at::set_num_threads, which also resizes a pool.
class OperatorThreads {
 public:
  explicit OperatorThreads(int threads) : before_(omp_get_max_threads()) { omp_set_num_threads(threads); }
  ~OperatorThreads() { omp_set_num_threads(before_); }
  OperatorThreads(const OperatorThreads&) = delete;
  OperatorThreads& operator=(const OperatorThreads&) = delete;

 private:
  int before_;
};

}  // namespace smlt::tensor
