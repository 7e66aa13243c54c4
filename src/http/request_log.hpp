#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "base/output.hpp"

namespace smlt::http {

/// Lines of the request log, written by a dedicated thread: a slow reader of stdout must not hold up requests. Lines
/// that do not fit meanwhile are left out and counted.
class RequestLog {
 public:
  explicit RequestLog(Output& output);
  ~RequestLog() { close(); }
  RequestLog(const RequestLog&) = delete;
  RequestLog& operator=(const RequestLog&) = delete;

  /// Logs `text` and `more` as one line. If memory runs out, the line is left out and counted: a failing log must not
  /// take down the endpoint.
  void line(std::string_view text, std::string_view more = {}) noexcept;

  /// Writes the waiting lines. Later lines are lost.
  void close();

 private:
  void write(const std::stop_token& stop);
  void put_out(std::string lines) noexcept;

  Output& output_;
  std::mutex mutex_;
  std::condition_variable_any ready_;
  std::string waiting_;  // whole lines
  size_t left_out_ = 0;  // lines
  std::jthread writer_;  // last, because it uses the others
};

}  // namespace smlt::http
