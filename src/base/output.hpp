#pragma once

#include <fmt/format.h>

#include <mutex>
#include <string_view>
#include <utility>

namespace smlt {

/// Whole lines to one descriptor, each with a single write(2) at once: stdout is the metric channel and a pipe,
/// so nothing may wait in a buffer or be torn by another thread. What is written is made printable first.
class Output {
 public:
  /// `fd` stays open and belongs to the caller.
  explicit Output(int fd) : fd_(fd) {}

  /// A line feed is added; one inside `text` starts a further line.
  void line(std::string_view text);

  template <typename... Args>
  void line(fmt::format_string<Args...> text, Args&&... args) requires(sizeof...(Args) > 0) {
    line(std::string_view(fmt::format(text, std::forward<Args>(args)...)));
  }

 private:
  int fd_;
  std::mutex mutex_;
};

}  // namespace smlt
