#pragma once

#include <exception>

namespace smlt::tensor {

// What a LibTorch exception means. Only its text tells: the CPU allocator throws no type of its own, and TorchScript's
// interpreter hides every type.

/// Whether memory ran out, on the CPU or on a GPU. True for std::bad_alloc too.
bool is_out_of_memory(const std::exception& error);

/// Whether it is a CUDA error other than lack of memory.
bool is_cuda_error(const std::exception& error);

}  // namespace smlt::tensor
