#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace smlt::codec {

/// A record of a body of JSON lines, and the line it stands in, counted from 1.
struct JsonLine {
  int64_t line = 0;
  std::string_view text = {};
};

/// The records of a body: lines that end in LF or CRLF, the last one in neither if it likes; blank lines and a UTF-8
/// mark are passed over. They refer to `body`. Throws UserError naming `name` for more than a million.
std::vector<JsonLine> json_lines(std::string_view body, std::string_view name);

}  // namespace smlt::codec
