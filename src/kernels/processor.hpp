#pragma once

namespace smlt::kernels {

/// The kinds of processor that our kernels are compiled for, best last.
enum class Processor { kPortable, kAvx2, kAvx512 };

bool runs_here(Processor processor);

/// The best kind that runs here.
Processor best_processor();

}  // namespace smlt::kernels
