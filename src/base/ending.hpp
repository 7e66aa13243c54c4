#pragma once

#include <exception>
#include <string>

namespace smlt {

/// How a process ends that an exception has ended: the sentence for the failure file and the exit code (Fault).
struct Ending {
  std::string sentence;
  int code = 0;
};

/// Of any exception: an Error has its own sentence and code, lack of memory is the platform's fault, and all others are
/// bugs.
Ending ending_of(const std::exception_ptr& error);

}  // namespace smlt
