#pragma once

namespace smlt::serve {

/// Makes the calling thread one that predicts: LibTorch's operators, scripts and compiled code run on it alone,
/// whatever number of threads they were saved or compiled for.
void become_worker();

}  // namespace smlt::serve
