#pragma once

#include <exception>
#include <string>

namespace smlt {

/// How a process ends after an exception: the sentence for the failure file and the exit code (Fault).
struct Ending {
  std::string sentence;
  int code = 0;
};

/// For any exception: an Error has its own sentence and code, lack of memory is the platform's fault, and everything
/// else is a bug.
Ending ending_of(const std::exception_ptr& error);

}  // namespace smlt
