#include "http/request_log.hpp"

#include <chrono>
#include <utility>

namespace smlt::http {
namespace {

constexpr size_t kMostWaiting = 1 << 20;
constexpr std::chrono::milliseconds kPause{20};  // lines that come close together are written at once

}  // namespace

RequestLog::RequestLog(Output& output)
    : output_(output), writer_([this](const std::stop_token& stop) { write(stop); }) {}

void RequestLog::close() {
  writer_.request_stop();
  if (writer_.joinable()) writer_.join();
}

void RequestLog::line(std::string_view text) {
  const std::lock_guard lock(mutex_);
  if (waiting_.size() + text.size() > kMostWaiting) {
    ++left_out_;
    return;
  }
  const bool first = waiting_.empty();
  waiting_.append(text).append("\n");
  if (first) ready_.notify_one();
}

void RequestLog::write(const std::stop_token& stop) {
  bool last = false;
  while (!last) {
    std::unique_lock lock(mutex_);
    ready_.wait(lock, stop, [this] { return !waiting_.empty(); });
    last = stop.stop_requested();
    if (!last) {
      lock.unlock();
      std::this_thread::sleep_for(kPause);
      lock.lock();
    }
    std::string lines = std::exchange(waiting_, {});
    const size_t left_out = std::exchange(left_out_, 0);
    lock.unlock();
    if (!lines.empty()) lines.pop_back();  // Output ends the last line itself
    if (!lines.empty()) output_.line(std::string_view(lines));
    if (left_out > 0) output_.line("{} lines of the request log were left out: stdout is read too slowly.", left_out);
  }
}

}  // namespace smlt::http
