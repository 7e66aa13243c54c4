#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace smlt::http {

struct Target {
  std::string path;   // percent-decoded
  std::string query;  // as sent, without the "?"
};

/// The target of a request line (RFC 9112, 3.2): "/path?query", "http://host/path?query" or "*". Returns nullopt if a
/// percent sign is not followed by two hexadecimal digits, or stands for NUL.
std::optional<Target> read_target(std::string_view text);

}  // namespace smlt::http
