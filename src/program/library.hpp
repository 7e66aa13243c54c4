#pragma once

#include "engine/engine.hpp"

namespace smlt {

/// Sets the variables that the OpenMP runtime reads once as it loads. Call it before any thread starts: no other thread
/// may read the environment meanwhile.
void set_compute_threads(int threads);

/// Makes packages by the AOTInductor refuse inputs that do not fit, which they would otherwise read as if they did.
/// They read the variable as they first run; call it before any thread starts.
void check_inputs_of_compiled_code();

/// Opens libsmlt.so, and with it LibTorch, from the program's own directory or ../lib. Throws PlatformError with the
/// loader's reason if a library is missing or does not fit. The library stays open until the process ends.
const Engine& open_engine();

/// Whether the library for a GPU lies beside libsmlt.so: this is the GPU image.
bool has_cuda_part();

}  // namespace smlt
