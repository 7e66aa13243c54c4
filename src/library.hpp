#pragma once

#include "engine.hpp"

namespace smlt {

/// Opens libsmlt.so, and with it LibTorch, from the program's own directory or ../lib. Sets OMP_NUM_THREADS before,
/// since the OpenMP runtime reads it once as it loads. Throws PlatformError with the loader's reason when a library is
/// missing or does not fit. The library stays open until the process ends.
const Engine& open_engine(int threads);

}  // namespace smlt
