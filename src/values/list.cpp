#include "values/list.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "values/json.hpp"

namespace smlt::values {
namespace {

constexpr std::string_view kQuotes = "'\"";
constexpr std::string_view kSpecial = "'\"[](){},";

bool is_one_of(char c, std::string_view set) { return set.find(c) != std::string_view::npos; }

// Where the quoted element at the start of `text` ends, including its closing quote; npos if it is not closed.
size_t quoted_length(std::string_view text) {
  for (size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == text[0]) {
      return i + 1;
    }
  }
  return std::string_view::npos;
}

// Python's escapes of one character; any other backslash stays, as it does in Python.
std::string without_escapes(std::string_view text) {
  constexpr std::string_view kLetters = "tnr\\'\"";
  constexpr std::string_view kMeanings = "\t\n\r\\'\"";
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const size_t known = text[i] == '\\' && i + 1 < text.size() ? kLetters.find(text[i + 1]) : std::string_view::npos;
    if (known == std::string_view::npos) {
      out += text[i];
    } else {
      out += kMeanings[known];
      ++i;
    }
  }
  return out;
}

std::string unquoted(std::string_view text) {
  if (text[0] == '"') {
    const auto parsed = parse_value(text);
    if (parsed && parsed->is_string()) return std::string(parsed->get_string());
  }
  return without_escapes(text.substr(1, text.size() - 2));
}

// Removes and returns the first element of `text`.
std::optional<std::string> take_element(std::string_view& text) {
  if (text.empty()) return std::nullopt;
  const bool quotes = is_one_of(text[0], kQuotes);
  const size_t length = quotes ? quoted_length(text) : std::min(text.find_first_of(kSpecial), text.size());
  if (length == std::string_view::npos || trimmed(text.substr(0, length)).empty()) return std::nullopt;
  const std::string_view element = trimmed(text.substr(0, length));
  text.remove_prefix(length);
  return quotes ? unquoted(element) : std::string(element);
}

std::string_view without_brackets(std::string_view text) {
  const bool brackets = text.starts_with('[') && text.ends_with(']');
  const bool parentheses = text.starts_with('(') && text.ends_with(')');
  return text.size() >= 2 && (brackets || parentheses) ? trimmed(text.substr(1, text.size() - 2)) : text;
}

std::string with_quotes(std::string_view element) {
  std::string out = "\"";
  for (const char c : element) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

bool needs_quotes(std::string_view element) {
  return element.empty() || trimmed(element) != element || element.find_first_of(kSpecial) != std::string_view::npos;
}

}  // namespace

std::optional<std::vector<std::string>> read_list(std::string_view text) {
  std::string_view rest = without_brackets(trimmed(text));
  std::vector<std::string> list;
  while (!rest.empty()) {
    std::optional<std::string> element = take_element(rest);
    if (!element) return std::nullopt;
    list.push_back(std::move(*element));
    rest = trimmed(rest);
    if (rest.empty()) break;
    if (rest[0] != ',') return std::nullopt;
    rest = trimmed(rest.substr(1));
  }
  return list;
}

std::string write_list(const std::vector<std::string>& list) {
  std::string out;
  for (const std::string& element : list) {
    if (!out.empty()) out += ',';
    out += needs_quotes(element) ? with_quotes(element) : element;
  }
  return "[" + out + "]";
}

}  // namespace smlt::values
