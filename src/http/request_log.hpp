#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "base/output.hpp"

namespace smlt::http {

/// Lines of the request log, written by a thread of its own: a reader of stdout that is slow must not hold up requests.
/// What does not fit in the meantime is left out and counted.
class RequestLog {
 public:
  explicit RequestLog(Output& output);
  ~RequestLog() { close(); }
  RequestLog(const RequestLog&) = delete;
  RequestLog& operator=(const RequestLog&) = delete;

  /// `text` and `more` as one line. If memory is lacking it is left out and counted: a failure of the log must not fail
  /// the endpoint.
  void line(std::string_view text, std::string_view more = {}) noexcept;

  /// Writes what is waiting. Lines that come later are lost.
  void close();

 private:
  void write(const std::stop_token& stop);
  void put_out(std::string lines) noexcept;

  Output& output_;
  std::mutex mutex_;
  std::condition_variable_any ready_;
  std::string waiting_;  // whole lines
  size_t left_out_ = 0;  // lines
  std::jthread writer_;  // last: it uses the others
};

}  // namespace smlt::http
