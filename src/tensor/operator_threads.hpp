#pragma once

#include <omp.h>

namespace smlt::tensor {

/// While it lives, LibTorch's operators that this thread calls run on at most so many threads. Costs nothing to speak
/// of, unlike at::set_num_threads, which also resizes a pool.
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
