#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace smlt::http {

struct Target {
  std::string path;   // percent-decoded
  std::string raw;    // the path as sent, without query and origin
  std::string query;  // as sent, without the "?"
};

/// The target of a request line (RFC 9112, 3.2): "/path?query", "http://host/path?query" or "*". Returns nullopt if a
/// percent sign is not followed by two hexadecimal digits, or stands for NUL.
std::optional<Target> read_target(std::string_view text);

/// The text that percent-encoded `text` stands for; nullopt as above.
std::optional<std::string> percent_decoded(std::string_view text);

/// The value of a query's first field of that name ("a=b&c=d"), decoded; nullopt if it is missing or cannot be
/// decoded.
std::optional<std::string> query_value(std::string_view query, std::string_view name);

}  // namespace smlt::http
