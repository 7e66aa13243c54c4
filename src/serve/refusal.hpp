#pragma once

#include <string>
#include <utility>

#include "base/error.hpp"

namespace smlt::serve {

/// A request that is answered with another status than 400, which any other UserError means. `what()` is the sentence.
class Refusal : public UserError {
 public:
  template <typename... Args>
  Refusal(int status, std::string code, fmt::format_string<Args...> text, Args&&... args)
      : UserError(text, std::forward<Args>(args)...), status_(status), code_(std::move(code)) {}
  int status() const noexcept { return status_; }
  const std::string& code() const noexcept { return code_; }

 private:
  int status_;
  std::string code_;  // "unsupported_media_type"
};

}  // namespace smlt::serve
