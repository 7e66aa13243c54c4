#pragma once

#include <ATen/record_function.h>

#include <atomic>

#include "tensor/operator_threads.hpp"

namespace smlt::serve {

/// Cores of idle workers, lent to a prediction that is alone. While it exists, operators called on this thread use up
/// to `threads` threads, and one as soon as there is more than one of `jobs`: whoever comes gets a core back at the
/// next operator, not at the end of the prediction.
class LentCores {
 public:
  /// `jobs`: the requests that wait or are being answered, this one included. Outlives the object.
  LentCores(int threads, const std::atomic<int>& jobs);
  ~LentCores();
  LentCores(const LentCores&) = delete;
  LentCores& operator=(const LentCores&) = delete;

 private:
  const int levels_;  // of parallel regions that were allowed before: none to a worker
  tensor::OperatorThreads threads_;
  at::CallbackHandle watch_;
};

}  // namespace smlt::serve
