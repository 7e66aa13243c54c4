#pragma once

#include <torch/csrc/distributed/c10d/Backend.hpp>
#include <torch/csrc/distributed/c10d/Store.hpp>

namespace smlt::cluster {

/// The operations on tensors on this GPU, by NCCL. Throws PlatformError if the CUDA part cannot be opened.
c10::intrusive_ptr<c10d::Backend> make_nccl(const c10::intrusive_ptr<c10d::Store>& store, int rank, int size,
                                            c10::Device device);

}  // namespace smlt::cluster
