#pragma once

#include <ctime>
#include <string>

namespace smlt::http {

/// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, 5.6.7).
std::string date_text(std::time_t time);

/// The current time as `date_text`, renewed once a second. For one thread only.
class Date {
 public:
  const std::string& now();

 private:
  std::time_t second_ = -1;
  std::string text_;
};

}  // namespace smlt::http
