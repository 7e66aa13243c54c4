#include "base/json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cstdint>

#include "base/text.hpp"
#include "base/utf8.hpp"

namespace smlt {
namespace json = boost::json;
namespace {

std::string number(double value) {
  std::string text;
  append_real(text, value);
  return text;
}

// Boost.JSON writes every byte above 0x7F unchanged.
std::string quoted(std::string_view text) {
  if (!is_utf8(text)) return quoted(as_utf8(text));
  return json::serialize(json::string_view(text.data(), text.size()));
}

bool is_flat(const json::value& value) {
  if (value.is_object()) return value.as_object().empty();
  if (!value.is_array()) return true;
  const json::array& items = value.as_array();
  return std::all_of(items.begin(), items.end(), [](const json::value& item) { return item.is_primitive(); });
}

// Calls entry(key text or "", item) for each entry of an object or array.
template <typename Entry>
void each(const json::value& value, Entry entry) {
  if (value.is_object()) {
    for (const auto& [key, item] : value.as_object()) entry(quoted(key) + ": ", item);
  } else {
    for (const json::value& item : value.as_array()) entry(std::string(), item);
  }
}

void append(const json::value& value, size_t depth, std::string& out) {
  if (is_flat(value)) {
    out += compact(value);
    return;
  }
  const std::string indent(2 * (depth + 1), ' ');
  const char* separator = "\n";
  out += value.is_object() ? '{' : '[';
  each(value, [&](const std::string& key, const json::value& item) {
    out += separator + indent + key;
    append(item, depth + 1, out);
    separator = ",\n";
  });
  out += "\n" + std::string(2 * depth, ' ') + (value.is_object() ? '}' : ']');
}

void append_escaped(std::string& out, uint32_t point) {
  constexpr std::string_view kNamed = "\b\t\n\f\r\"\\";
  constexpr std::string_view kLetters = "btnfr\"\\";
  const size_t named = point < 0x80 ? kNamed.find(static_cast<char>(point)) : std::string_view::npos;
  if (named != std::string_view::npos) {
    out += '\\';
    out += kLetters[named];
  } else if (point >= 0x20 && point < 0x7F) {
    out += static_cast<char>(point);
  } else if (point < 0x10000) {
    out += fmt::format("\\u{:04x}", point);
  } else {
    out += fmt::format("\\u{:04x}\\u{:04x}", 0xD7C0 + (point >> 10), 0xDC00 + (point & 0x3FF));
  }
}

}  // namespace

std::string compact(const json::value& value) {
  if (value.is_double()) return number(value.get_double());
  if (value.is_string()) return quoted(value.get_string());
  if (value.is_primitive()) return json::serialize(value);
  std::string out;
  each(value, [&](const std::string& key, const json::value& item) {
    out += (out.empty() ? "" : ", ") + key + compact(item);
  });
  return value.is_object() ? "{" + out + "}" : "[" + out + "]";
}

std::string indented(const json::value& value) {
  std::string out;
  append(value, 0, out);
  return out;
}

std::string ascii_quoted(std::string_view text) {
  constexpr uint32_t kEscapedByte = 0xDC00;
  std::string out = "\"";
  while (!text.empty()) {
    const size_t length = sequence_length(text);
    const uint32_t byte = static_cast<unsigned char>(text[0]);
    append_escaped(out, length == 0 ? kEscapedByte + byte : code_point_of(text.substr(0, length)));
    text.remove_prefix(std::max<size_t>(length, 1));
  }
  return out + '"';
}

}  // namespace smlt
