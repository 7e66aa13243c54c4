#pragma once

#include <string>
#include <torch/csrc/distributed/c10d/Backend.hpp>
#include <torch/csrc/distributed/c10d/Store.hpp>

namespace smlt::cluster {

/// Connects this process with every other rank by gloo, listening on `address` (numeric), and returns the operations
/// on CPU tensors. Returns once all ranks have called it; it and every operation may wait for hours, so the ranks need
/// a watch.
c10::intrusive_ptr<c10d::Backend> make_gloo(const c10::intrusive_ptr<c10d::Store>& store, int rank, int size,
                                            const std::string& address);

}  // namespace smlt::cluster
