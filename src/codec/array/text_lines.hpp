#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace smlt::codec {

/// A record in a body with one per line, and its line number.
struct TextLine {
  int64_t line = 0;
  std::string_view text = {};
};

/// The records of a body: lines that end in LF or CRLF, which is optional for the last one; blank lines and a UTF-8
/// mark are skipped. They refer to `body`, whose first line has the number `first_line`. Throws UserError naming `name`
/// if there are more than a million.
std::vector<TextLine> text_lines(std::string_view body, std::string_view name, int64_t first_line = 1);

}  // namespace smlt::codec
