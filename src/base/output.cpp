#include "base/output.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <string>

#include "base/text.hpp"

namespace smlt {
namespace {

constexpr const char* kClearLine = "\r\x1b[K";
constexpr double kRedrawSeconds = 0.1;
constexpr int kBarWidth = 30;

std::string printable_lines(std::string_view prefix, std::string_view text) {
  std::string out;
  for (size_t start = 0; start <= text.size();) {
    const size_t end = std::min(text.find('\n', start), text.size());
    out += fmt::format("{}{}\n", prefix, printable(text.substr(start, end - start)));
    start = end + 1;
  }
  return out;
}

// The process that started this one may have made the pipe non-blocking, and lines must not be lost.
bool wait_for_room(int fd) {
  pollfd pipe = {fd, POLLOUT, 0};
  return ::poll(&pipe, 1, -1) >= 0 || errno == EINTR;
}

void write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0 && errno == EAGAIN && wait_for_room(fd)) continue;
    if (written < 0) return;  // a reader that has gone away must not end a training job
    text.remove_prefix(static_cast<size_t>(written));
  }
}

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

std::string bar(double share, bool colored) {
  const int filled = static_cast<int>(std::clamp(share, 0.0, 1.0) * kBarWidth);
  std::string out = colored ? "\x1b[36m" : "";
  for (int i = 0; i < kBarWidth; ++i) out += i < filled ? "\u2588" : "\u2591";
  return out + (colored ? "\x1b[0m" : "");
}

}  // namespace

void Output::show_progress(bool colored) {
  progress_shown_ = true;
  colored_ = colored;
}

void Output::speak_as(std::string_view name) { prefix_ = fmt::format("[{}] ", printable(name)); }

void Output::progress(double share, std::string_view what) {
  if (!progress_shown_ || now() - drawn_at_ < kRedrawSeconds) return;
  const std::lock_guard lock(mutex_);
  drawn_at_ = now();
  bar_drawn_ = true;
  write_all(fd_, fmt::format("{}{} {:3.0f}% {}", kClearLine, bar(share, colored_), 100 * share, printable(what)));
}

void Output::line(std::string_view text) {
  std::string lines = printable_lines(prefix_, text);
  const std::lock_guard lock(mutex_);
  if (std::exchange(bar_drawn_, false)) lines.insert(0, kClearLine);
  write_all(fd_, lines);
}

}  // namespace smlt
