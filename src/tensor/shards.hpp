#pragma once

#include <ATen/Parallel.h>
#include <omp.h>

#include <algorithm>
#include <atomic>
#include <cstdint>

namespace smlt::tensor {

/// Calls `work(i)` for each i below `count` on `threads` threads of LibTorch's own pool, inside which its operators run
/// on one thread each. A thread takes the next i when it is free, so a slower thread does less. An exception from
/// `work` is rethrown here.
template <typename Work>
void for_each_shard(int64_t count, int threads, const Work& work) {
  std::atomic<int64_t> next = 0;
  const auto take_turns = [&](int64_t, int64_t) {
    // For this region only. oneDNN asks how many threads there could be even if no more are available, and its barriers
    // would wait for them forever.
    if (omp_in_parallel() != 0) omp_set_num_threads(1);
    for (int64_t i = next++; i < count; i = next++) work(i);
  };
  at::parallel_for(0, std::min<int64_t>(count, threads), 1, take_turns);
}

}  // namespace smlt::tensor
