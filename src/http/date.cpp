#include "http/date.hpp"

#include <fmt/format.h>

#include <array>

namespace smlt::http {

// Not strftime, whose names depend on the locale.
std::string date_text(std::time_t time) {
  constexpr std::array kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::tm parts{};
  ::gmtime_r(&time, &parts);
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kDays.at(static_cast<size_t>(parts.tm_wday)),
                     parts.tm_mday, kMonths.at(static_cast<size_t>(parts.tm_mon)), parts.tm_year + 1900, parts.tm_hour,
                     parts.tm_min, parts.tm_sec);
}

const std::string& Date::now() {
  const std::time_t second = std::time(nullptr);
  if (second != second_) {
    text_ = date_text(second);
    second_ = second;
  }
  return text_;
}

}  // namespace smlt::http
