#include "http/request_log.hpp"

#include <algorithm>
#include <chrono>
#include <new>
#include <utility>

namespace smlt::http {
namespace {

constexpr size_t kMostWaiting = 1 << 20;
constexpr std::chrono::milliseconds kPause{20};  // lines that arrive close together are written at once

}  // namespace

RequestLog::RequestLog(Output& output)
    : output_(output), writer_([this](const std::stop_token& stop) { write(stop); }) {}

void RequestLog::close() {
  writer_.request_stop();
  if (writer_.joinable()) writer_.join();
}

void RequestLog::line(std::string_view text, std::string_view more) noexcept {
  const std::lock_guard lock(mutex_);
  const size_t before = waiting_.size();
  if (before + text.size() + more.size() > kMostWaiting) {
    ++left_out_;
    return;
  }
  try {
    waiting_.append(text).append(more).append("\n");
  } catch (const std::bad_alloc&) {
    waiting_.resize(before);
    ++left_out_;
  }
  if (before == 0 && !waiting_.empty()) ready_.notify_one();
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
    lock.unlock();
    put_out(std::move(lines));
  }
}

void RequestLog::put_out(std::string lines) noexcept {
  const auto take_left_out = [this] {
    const std::lock_guard lock(mutex_);
    return std::exchange(left_out_, 0);
  };
  size_t lost = static_cast<size_t>(std::count(lines.begin(), lines.end(), '\n'));
  try {
    if (!lines.empty()) lines.pop_back();  // Output ends the last line itself
    if (!lines.empty()) output_.line(std::string_view(lines));
    lost = take_left_out();
    if (lost > 0) {
      output_.line("{} lines of the request log were left out: stdout is read too slowly, or memory ran out.", lost);
    }
  } catch (const std::exception&) {  // memory again; reported with the next lines
    const std::lock_guard lock(mutex_);
    left_out_ += lost;
  }
}

}  // namespace smlt::http
