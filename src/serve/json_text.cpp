#include "serve/json_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cstdint>

#include "base/text.hpp"

namespace smlt::serve {
namespace {

constexpr uint32_t kFirstOfPairs = 0x10000;

bool is_ascii(char c) { return static_cast<unsigned char>(c) < 0x80; }

// The character at the front of valid UTF-8 that is not ASCII, which is removed.
uint32_t take_character(std::string_view& text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  uint32_t character = lead & (0xFFU >> (length + 1));
  for (const char c : text.substr(1, length - 1)) character = character << 6 | (static_cast<unsigned char>(c) & 0x3FU);
  text.remove_prefix(length);
  return character;
}

void append_escaped(std::string& out, uint32_t character) {
  if (character < kFirstOfPairs) {
    out += fmt::format("\\u{:04x}", character);
    return;
  }
  const uint32_t rest = character - kFirstOfPairs;
  out += fmt::format("\\u{:04x}\\u{:04x}", 0xD800 + (rest >> 10), 0xDC00 + (rest & 0x3FF));
}

// Boost.JSON escapes quotes and control characters as Python does, but for the last one of ASCII.
std::string ascii_part(std::string_view text) {
  std::string quoted = boost::json::serialize(boost::json::string(text));
  for (size_t at = quoted.find('\x7F'); at != std::string::npos; at = quoted.find('\x7F', at)) {
    quoted.replace(at, 1, "\\u007f");
  }
  return quoted.substr(1, quoted.size() - 2);
}

}  // namespace

std::string json_text(std::string_view text) {
  std::string out = "\"";
  while (!text.empty()) {
    const auto ascii = static_cast<size_t>(std::find_if_not(text.begin(), text.end(), is_ascii) - text.begin());
    out += ascii_part(text.substr(0, ascii));
    text.remove_prefix(ascii);
    const auto other = static_cast<size_t>(std::find_if(text.begin(), text.end(), is_ascii) - text.begin());
    const std::string valid = printable(text.substr(0, other));
    for (std::string_view rest = valid; !rest.empty();) append_escaped(out, take_character(rest));
    text.remove_prefix(other);
  }
  return out + '"';
}

}  // namespace smlt::serve
