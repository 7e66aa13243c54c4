#pragma once

#include <fmt/format.h>

#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace smlt {

/// Writes whole lines to one descriptor, each immediately and with a single write(2): stdout is the metric channel and
/// a pipe, so nothing may wait in a buffer or be torn by another thread. Text is made printable first.
///
/// On a terminal the last line may be a progress bar, which new lines push down. It is off unless `show_progress` was
/// called: in V2's local mode a job's stdout is a terminal too (platform 13.5), so `isatty` alone must not switch it
/// on.
class Output {
 public:
  /// `fd` stays open and belongs to the caller.
  explicit Output(int fd) : fd_(fd) {}

  void show_progress(bool colored);

  /// Draws the bar: `share` is in 0..1. Does nothing if it is off; at most ten times a second.
  void progress(double share, std::string_view what);

  /// A line feed is added; one inside `text` starts a further line.
  void line(std::string_view text);

  template <typename... Args>
  void line(fmt::format_string<Args...> text, Args&&... args) requires(sizeof...(Args) > 0) {
    line(std::string_view(fmt::format(text, std::forward<Args>(args)...)));
  }

  /// From now on this process speaks as one of several: its lines begin with "[NAME] ", and results are those of the
  /// first, so they are dropped here.
  void speak_as(std::string_view name);

  /// A line of metrics or of the tutorial's own: said by one process of a job.
  void result(std::string_view text) {
    if (prefix_.empty()) line(text);
  }

  /// A line about something that looks wrong in a job that continues: "Warning: " and the sentence.
  void warning(std::string_view sentence) { line("Warning: {}", sentence); }

 private:
  int fd_;
  std::string prefix_;  // of every line
  std::mutex mutex_;
  bool progress_shown_ = false;
  bool colored_ = false;
  bool bar_drawn_ = false;
  double drawn_at_ = 0;
};

}  // namespace smlt
