// Room base: what every room may use and what knows no other room: errors, output lines, files, text, signals.
#pragma once

#include <fmt/format.h>

#include <stdexcept>
#include <string>
#include <utility>

namespace smlt {

/// Who has to act on a failure. The names and the exit codes follow SageMaker's own taxonomy.
enum class Fault {
  kUser = 1,       // the user changes the input: a hyperparameter, a file, a request
  kPlatform = 2,   // a mount, a path, a device or the network is not what the platform promises
  kAlgorithm = 3,  // a bug in this program
};

/// The one exception of this project. It ends in `main`; on the way it is caught only to translate another library's
/// exception, to clean up, or if failing is an answer ("is this file of that format?"). `what()` is one sentence: what
/// was expected, what was found, where, and what to do.
class Error : public std::runtime_error {
 public:
  Error(Fault fault, const std::string& sentence) : std::runtime_error(sentence), fault_(fault) {}
  Fault fault() const noexcept { return fault_; }
  int exit_code() const noexcept { return static_cast<int>(fault_); }

 private:
  Fault fault_;
};

struct UserError : Error {
  template <typename... Args>
  explicit UserError(fmt::format_string<Args...> text, Args&&... args)
      : Error(Fault::kUser, fmt::format(text, std::forward<Args>(args)...)) {}
};

struct PlatformError : Error {
  template <typename... Args>
  explicit PlatformError(fmt::format_string<Args...> text, Args&&... args)
      : Error(Fault::kPlatform, fmt::format(text, std::forward<Args>(args)...)) {}
};

struct AlgorithmError : Error {
  template <typename... Args>
  explicit AlgorithmError(fmt::format_string<Args...> text, Args&&... args)
      : Error(Fault::kAlgorithm, fmt::format(text, std::forward<Args>(args)...)) {}
};

}  // namespace smlt
