#include "codec/table/csv_field.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <system_error>

#include "base/text.hpp"

namespace smlt::codec {
namespace {

constexpr std::array kForeignSeparators = {';', '\t', '|'};

bool is_quoted(std::string_view text) { return text.size() >= 2 && text.front() == '"' && text.back() == '"'; }

// Nullopt unless all of it is a number, and for nan and inf, which std::from_chars accepts.
template <typename Number>
std::optional<Number> converted(std::string_view text) {
  Number number{};
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || stop != text.data() + text.size() || !std::isfinite(number)) return std::nullopt;
  return number;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// With commas and vertical bars as separators, numbers have decimal points.
size_t count_numbers(const std::vector<std::string_view>& fields, char separator) {
  const bool may_have_commas = separator == ';' || separator == '\t';
  return static_cast<size_t>(std::count_if(fields.begin(), fields.end(), [&](std::string_view field) {
    return csv_number(field) || (may_have_commas && is_number_with_comma(field));
  }));
}

}  // namespace

size_t csv_field_length(std::string_view text, char separator, bool may_span_lines) {
  bool in_quotes = false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') in_quotes = !in_quotes;
    if (text[i] == '\n' && !(in_quotes && may_span_lines)) return i;
    if (text[i] == separator && !in_quotes) return i;
  }
  return text.size();
}

CsvRow first_csv_row(std::string_view text, char separator) {
  CsvRow row;
  while (true) {
    const size_t length = csv_field_length(text.substr(row.length), separator);
    row.fields.push_back(text.substr(row.length, length));
    row.length += length;
    if (row.length == text.size() || text[row.length] == '\n') return row;
    ++row.length;
  }
}

std::string_view csv_content(std::string_view field) {
  const std::string_view text = trimmed(field);
  return is_quoted(text) ? trimmed(text.substr(1, text.size() - 2)) : text;
}

std::string csv_text(std::string_view field) {
  const std::string_view content = csv_content(field);
  if (!is_quoted(trimmed(field))) return std::string(content);
  std::string text;
  for (size_t i = 0; i < content.size(); ++i) {
    text += content[i];
    if (content.substr(i).starts_with("\"\"")) ++i;
  }
  return text;
}

std::optional<float> truth_value(std::string_view word) {
  constexpr size_t kTrue = 4, kFalse = 5;  // letters
  if (word.size() == kTrue && folded(word) == "true") return 1.0F;
  if (word.size() == kFalse && folded(word) == "false") return 0.0F;
  return std::nullopt;
}

std::optional<float> csv_number(std::string_view field) {
  std::string_view text = csv_content(field);
  if (const auto truth = truth_value(text)) return truth;
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  if (const auto number = converted<float>(text)) return number;
  const auto wide = converted<double>(text);
  if (!wide || std::abs(*wide) > 1) return std::nullopt;
  return static_cast<float>(*wide);
}

bool is_number_with_comma(std::string_view field) {
  std::string text(csv_content(field));
  const size_t comma = text.find(',');
  if (comma == std::string::npos || comma == 0 || comma + 1 == text.size()) return false;
  if (!is_digit(text[comma - 1]) || !is_digit(text[comma + 1])) return false;
  text[comma] = '.';
  return csv_number(text).has_value();
}

bool is_missing(std::string_view text) {
  constexpr std::string_view kMarks[] = {"",     "?",    "#N/A",   "#N/A N/A", "#NA",  "-1.#IND", "-1.#QNAN",
                                         "-NaN", "-nan", "1.#IND", "1.#QNAN",  "<NA>", "N/A",     "NA",
                                         "NULL", "NaN",  "None",   "n/a",      "nan",  "null"};
  return std::find(std::begin(kMarks), std::end(kMarks), text) != std::end(kMarks);
}

std::optional<char> foreign_separator(std::string_view text) {
  const CsvRow by_commas = first_csv_row(text);
  size_t most = 1;  // fields
  std::optional<char> found;
  for (const char separator : kForeignSeparators) {
    const std::vector<std::string_view> fields = first_csv_row(text, separator).fields;
    const size_t numbers = count_numbers(fields, separator);
    if (fields.size() <= most || 2 * numbers < fields.size() || numbers < count_numbers(by_commas.fields, ','))
      continue;
    found = separator;
    most = fields.size();
  }
  return found;
}

std::optional<char> most_frequent_separator(std::string_view text) {
  std::optional<char> found;
  size_t most = 1;  // fields
  for (const char separator : kForeignSeparators) {
    const size_t count = first_csv_row(text, separator).fields.size();
    if (count <= most) continue;
    found = separator;
    most = count;
  }
  return found;
}

}  // namespace smlt::codec
