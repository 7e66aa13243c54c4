#include "values/python.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/json.hpp"
#include "base/text.hpp"
#include "values/json.hpp"

namespace smlt::values {
namespace json = boost::json;
namespace {

// repr() of a float.
std::string float_text(double value, const char* infinity, const char* not_a_number) {
  if (std::isnan(value)) return not_a_number;
  if (std::isinf(value)) return value < 0 ? std::string("-") + infinity : infinity;
  std::string text;
  append_real(text, value);
  return text;
}

std::vector<const json::key_value_pair*> sorted(const json::object& object) {
  std::vector<const json::key_value_pair*> members;
  for (const auto& member : object) members.push_back(&member);
  std::sort(members.begin(), members.end(), [](const auto* a, const auto* b) { return a->key() < b->key(); });
  return members;
}

std::string quoted_repr(std::string_view text) {
  const bool has_single = text.find('\'') != std::string_view::npos;
  const char quote = has_single && text.find('"') == std::string_view::npos ? '"' : '\'';
  std::string out(1, quote);
  for (const char c : text) {
    constexpr std::string_view kNamed = "\t\n\r\\";
    constexpr std::string_view kLetters = "tnr\\";
    const size_t named = kNamed.find(c);
    if (named != std::string_view::npos) {
      out += {'\\', kLetters[named]};
    } else if (c == quote) {
      out += {'\\', c};
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
  }
  return out + quote;
}

std::string repr(const json::value& value) {
  if (value.is_null()) return "None";
  if (value.is_string()) return quoted_repr(value.get_string());
  std::string out;
  if (value.is_array()) {
    for (const json::value& item : value.get_array()) out += (out.empty() ? "" : ", ") + repr(item);
    return "[" + out + "]";
  }
  if (value.is_object()) {
    for (const auto& member : value.get_object()) {
      out += (out.empty() ? "" : ", ") + quoted_repr(member.key()) + ": " + repr(member.value());
    }
    return "{" + out + "}";
  }
  return python_str(value);
}

bool is_json_integer(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  if (text.empty() || (text.size() > 1 && text[0] == '0')) return false;
  return text.find_first_not_of("0123456789") == std::string_view::npos;
}

// What json.loads reads and Boost.JSON cannot hold: integers of any size, and Python's extension for reals.
bool decode_python_number(std::string_view text, Decoded& decoded) {
  if (is_json_integer(text)) {
    const std::string number(text == "-0" ? "0" : text);
    decoded = {number, number, number};
    return true;
  }
  for (const std::string_view name : {"NaN", "Infinity", "-Infinity"}) {
    if (text != name) continue;
    const char* argument = name == "NaN" ? "nan" : name == "Infinity" ? "inf" : "-inf";
    decoded = {std::string(name), std::string(name), argument};
    return true;
  }
  return false;
}

// The toolkit's to_cmd_args turns an outermost object into "a=1,b=2".
std::string argument_of(const json::value& value) {
  if (!value.is_object()) return python_str(value);
  std::string out;
  for (const auto* member : sorted(value.get_object())) {
    const json::value& item = member->value();
    out += (out.empty() ? "" : ",") + std::string(member->key()) + "=" + (item.is_null() ? "None" : python_str(item));
  }
  return out;
}

}  // namespace

std::string json_dumps(const json::value& value) {
  if (value.is_null()) return "null";
  if (value.is_bool()) return value.get_bool() ? "true" : "false";
  if (value.is_string()) return ascii_quoted(value.get_string());
  if (value.is_double()) return float_text(value.get_double(), "Infinity", "NaN");
  std::string out;
  if (value.is_array()) {
    for (const json::value& item : value.get_array()) out += (out.empty() ? "" : ",") + json_dumps(item);
    return "[" + out + "]";
  }
  if (value.is_object()) {
    for (const auto* member : sorted(value.get_object())) {
      out += (out.empty() ? "" : ",") + ascii_quoted(member->key()) + ":" + json_dumps(member->value());
    }
    return "{" + out + "}";
  }
  return value.is_int64() ? fmt::format("{}", value.get_int64()) : fmt::format("{}", value.get_uint64());
}

std::string python_str(const json::value& value) {
  if (value.is_null()) return "";
  if (value.is_string()) return std::string(value.get_string());
  if (value.is_bool()) return value.get_bool() ? "True" : "False";
  if (value.is_double()) return float_text(value.get_double(), "inf", "nan");
  if (value.is_array() || value.is_object()) return repr(value);
  return json_dumps(value);
}

Decoded decode(std::string_view raw) {
  Decoded decoded;
  if (decode_python_number(trimmed(raw), decoded)) return decoded;
  const auto parsed = parse_value(raw);
  if (!parsed) return {ascii_quoted(raw), std::string(raw), std::string(raw)};
  decoded.json = json_dumps(*parsed);
  decoded.variable = parsed->is_null() ? "" : parsed->is_string() ? std::string(parsed->get_string()) : decoded.json;
  decoded.argument = argument_of(*parsed);
  return decoded;
}

}  // namespace smlt::values
