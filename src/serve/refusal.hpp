#pragma once

#include <string>
#include <utility>

#include "base/error.hpp"

namespace smlt::serve {

/// A request that is answered with a status other than 400, which all other UserErrors mean. `what()` is the sentence.
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

/// An error of the model, whatever the request.
template <typename... Args>
Refusal model_error(fmt::format_string<Args...> text, Args&&... args) {
  return {500, "model_error", text, std::forward<Args>(args)...};
}

inline Refusal answer_too_large(int64_t most_bytes) {
  return {413, "answer_too_large",
          "Expected a request whose answer has at most {} MB, found one with more; send fewer records.",
          most_bytes >> 20};
}

/// The request is abandoned: the server has answered 504, and the rest is not worth computing.
inline Refusal too_late() {
  return {504, "prediction_timeout", "Expected fewer records, found more than can be answered in time."};
}

}  // namespace smlt::serve
