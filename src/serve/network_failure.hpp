#pragma once

#include <c10/core/Device.h>

#include <exception>
#include <string>

namespace smlt::serve {

/// Who has to act where the network throws.
enum class Blame {
  kRequest,  // an operator that an input does not fit, or a script that says so (ValueError, AssertionError, ...)
  kModel,    // whatever else a script raises
  kMemory,   // fewer records
  kDevice,   // nobody: it computes nothing any more
};

/// Of what `Module::forward` threw on this device. TorchScript's interpreter hides LibTorch's types, so its texts
/// count. A GPU is asked whether it still computes: of CUDA's errors some end at their operator, others spoil all that
/// follows.
Blame blame_for(const std::exception& error, c10::Device device);

/// The cause in a line, without stack traces: of TorchScript's own traceback the end.
std::string cause_of(const std::exception& error);

}  // namespace smlt::serve
