#pragma once

#include <exception>

namespace smlt::tensor {

// What an exception of LibTorch says. Its texts count: its allocator for processors throws no type of its own, and
// TorchScript's interpreter hides the types of all.

/// Whether memory was lacking, on a processor or on a GPU. True for std::bad_alloc too.
bool is_out_of_memory(const std::exception& error);

/// Whether it is an error of CUDA other than lack of memory.
bool is_cuda_error(const std::exception& error);

}  // namespace smlt::tensor
