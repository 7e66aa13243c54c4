#include "base/json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "base/text.hpp"

namespace smlt {
namespace json = boost::json;
namespace {

std::string number(double value) {
  std::string text = fmt::format("{}", value);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

// Boost.JSON writes every byte above 0x7F as it is.
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

}  // namespace smlt
