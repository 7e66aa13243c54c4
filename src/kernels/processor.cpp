#include "kernels/processor.hpp"

#include <initializer_list>

namespace smlt::kernels {

bool runs_here([[maybe_unused]] Processor processor) {
#if defined(__x86_64__)
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  if (processor == Processor::kAvx2) return avx2;
  if (processor == Processor::kAvx512) {
    return avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq");
  }
#endif
  return processor == Processor::kPortable;
}

Processor best_processor() {
  static const Processor kBest = [] {
    for (const Processor processor : {Processor::kAvx512, Processor::kAvx2}) {
      if (runs_here(processor)) return processor;
    }
    return Processor::kPortable;
  }();
  return kBest;
}

}  // namespace smlt::kernels
