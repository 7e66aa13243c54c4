#pragma once

#include "engine.hpp"

namespace smlt {

/// Sets what the OpenMP runtime reads once as it loads. Called before a thread starts that may read the
/// environment: nobody may while it changes.
void set_compute_threads(int threads);

/// Opens libsmlt.so, and with it LibTorch, from the program's own directory or ../lib. Throws PlatformError with the
/// loader's reason when a library is missing or does not fit. The library stays open until the process ends.
const Engine& open_engine();

}  // namespace smlt
