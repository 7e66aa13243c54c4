#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace smlt::codec {

/// A record in a body of JSON lines, and its line number, counted from 1.
struct JsonLine {
  int64_t line = 0;
  std::string_view text = {};
};

/// The records of a body: lines that end in LF or CRLF, which is optional for the last one; blank lines and a UTF-8
/// mark are skipped. They refer to `body`. Throws UserError naming `name` if there are more than a million.
std::vector<JsonLine> json_lines(std::string_view body, std::string_view name);

}  // namespace smlt::codec
