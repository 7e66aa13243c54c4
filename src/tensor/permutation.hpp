#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "tensor/random.hpp"

namespace smlt::tensor {

/// The row numbers 0..size-1 in the order for this epoch (or whatever else `purpose` numbers), int64 `[size]`: a
/// Fisher-Yates shuffle, the same for the same seed, epoch and size on every machine.
at::Tensor permutation(int64_t size, uint64_t seed, uint64_t epoch, Purpose purpose = Purpose::kShuffle);

}  // namespace smlt::tensor
