#pragma once

#include <c10/util/Exception.h>

#include <string>

#include "base/error.hpp"
#include "base/text.hpp"
#include "tensor/failure.hpp"

namespace smlt {

/// Runs part of a job. LibTorch's own exceptions have a type that the program does not know; they become an Error with
/// their first line, the rest being a stack trace.
template <typename Job>
auto translated(Job job) {
  try {
    return job();
  } catch (const c10::Error& e) {
    const std::string cause = printable(e.what_without_backtrace());
    if (tensor::is_out_of_memory(e)) throw PlatformError("Out of memory: {}.", cause);
    if (tensor::is_cuda_error(e)) {
      throw PlatformError("Expected a working GPU, found one that has failed: {}.", cause);
    }
    throw AlgorithmError("LibTorch refused an operation, which is a bug in this program: {}.", cause);
  }
}

}  // namespace smlt
