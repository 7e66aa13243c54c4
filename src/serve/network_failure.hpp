#pragma once

#include <c10/core/Device.h>

#include <exception>

namespace smlt::serve {

/// Who has to act if the network throws.
enum class Blame {
  kRequest,  // an operator that an input does not fit, or a script that says so (ValueError, AssertionError, ...)
  kModel,    // whatever else a script raises
  kMemory,   // fewer records
  kDevice,   // nobody can: it no longer computes anything
};

/// Classifies what `Network::forward` threw on this device. TorchScript's interpreter hides LibTorch's types, so the
/// texts decide. A GPU is tested for whether it still computes: some CUDA errors end with their operator, others break
/// everything that follows.
Blame blame_for(const std::exception& error, c10::Device device);

}  // namespace smlt::serve
