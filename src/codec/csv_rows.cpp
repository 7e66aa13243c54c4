#include "codec/csv_rows.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <system_error>

#include "base/error.hpp"
#include "base/text.hpp"
#include "codec/decimal.hpp"
#include "codec/plain_rows.hpp"

namespace smlt::codec {
namespace {

// The length of the field at the start of `text`, without the comma or line feed behind it.
size_t field_length(std::string_view text) {
  bool in_quotes = false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') in_quotes = !in_quotes;
    if (!in_quotes && (text[i] == ',' || text[i] == '\n')) return i;
  }
  return text.size();
}

// Nothing for what is not all number, and for nan and inf, which std::from_chars takes.
template <typename Number>
std::optional<Number> converted(std::string_view text) {
  Number number{};
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || stop != text.data() + text.size() || !std::isfinite(number)) return std::nullopt;
  return number;
}

// A line feed or, before it or at the end of the file, a carriage return.
bool is_line_end(const char* at, const char* end) {
  return *at == '\n' || (*at == '\r' && (end - at == 1 || at[1] == '\n'));
}

}  // namespace

std::string_view csv_content(std::string_view field) {
  const std::string_view text = trimmed(field);
  const bool is_quoted = text.size() >= 2 && text.front() == '"' && text.back() == '"';
  return is_quoted ? trimmed(text.substr(1, text.size() - 2)) : text;
}

CsvRow first_csv_row(std::string_view text) {
  CsvRow row;
  while (true) {
    const size_t length = field_length(text.substr(row.length));
    row.fields.push_back(text.substr(row.length, length));
    row.length += length;
    if (row.length == text.size() || text[row.length] == '\n') return row;
    ++row.length;
  }
}

std::optional<float> csv_number(std::string_view field) {
  std::string_view text = csv_content(field);
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  if (const auto number = converted<float>(text)) return number;
  const auto wide = converted<double>(text);
  if (!wide || std::abs(*wide) > 1) return std::nullopt;
  return static_cast<float>(*wide);
}

size_t CsvRowReader::take(std::string_view text, bool is_last) {
  size_t done = row_ == 0 && text.starts_with(kCsvByteOrderMark) ? kCsvByteOrderMark.size() : 0;
  if (header_due_ && done < text.size()) {
    const CsvRow header = first_csv_row(text.substr(done));
    done += header.length;
    if (done == text.size() && !is_last) return 0;
    header_due_ = false;
    ++row_;
    check_columns(header.fields.size());
    done = std::min(done + 1, text.size());
  }
  const std::string_view rest = text.substr(done);
  const size_t whole = is_last ? rest.size() : rest.rfind('\n') + 1;
  const char* const end = rest.data() + whole;
  for (const char* at = rest.data(); at < end;) at = take_row(take_plain(at, end), end);
  return done + whole;
}

const char* CsvRowReader::take_plain(const char* at, const char* end) {
  if (table_.columns == 0 || empty_row_ != 0) return at;
  const int64_t rows = table_.rows;
  at = take_plain_rows(at, end, table_);
  row_ += table_.rows - rows;
  return at;
}

const char* CsvRowReader::take_row(const char* at, const char* end) {
  if (at == end) return end;
  ++row_;
  if (is_line_end(at, end)) {
    if (empty_row_ == 0) empty_row_ = row_;
    return std::min(at + (*at == '\n' ? 1 : 2), end);
  }
  if (empty_row_ != 0) {
    throw UserError("Expected numbers in row {} of {} (rows count from 1{}), found an empty line; remove it.",
                    empty_row_, in_quotes(name_, 200), header_text());
  }
  column_ = 0;
  for (bool is_more = true; is_more; at += at < end ? 1 : 0) {
    ++column_;
    at = take_field(at, end);
    is_more = at < end && *at == ',';
  }
  check_columns(static_cast<size_t>(column_));
  ++table_.rows;
  return at;
}

// Returns where the comma or line feed behind the field is, or `end`.
const char* CsvRowReader::take_field(const char* at, const char* end) {
  float value = 0;
  const char* stop = read_plain_decimal(at, end, value);
  const bool is_plain = stop != nullptr && (stop == end || *stop == ',' || is_line_end(stop, end));
  if (!is_plain) stop = take_unusual_field(at, end, value);
  if (is_plain && stop < end && *stop == '\r') ++stop;
  table_.values.push_back(value);
  return stop;
}

const char* CsvRowReader::take_unusual_field(const char* at, const char* end, float& value) const {
  const std::string_view rest(at, static_cast<size_t>(end - at));
  const std::string_view field = rest.substr(0, field_length(rest));
  const std::optional<float> number = csv_number(field);
  if (!number) refuse_field(csv_content(field));
  value = *number;
  return at + field.size();
}

void CsvRowReader::check_columns(size_t columns) {
  if (table_.columns == 0) table_.columns = static_cast<int64_t>(columns);
  if (columns == static_cast<size_t>(table_.columns)) return;
  throw UserError("Expected {} columns, as in the rows before, found {} in row {} of {} (rows count from 1{}).",
                  table_.columns, columns, row_, in_quotes(name_, 200), header_text());
}

void CsvRowReader::refuse_field(std::string_view text) const {
  const char* advice = "replace what is no finite number, or leave the row out";
  if (text.empty()) {
    advice = "fill in what is missing, or leave the row out";
  } else if (converted<double>(text)) {
    advice = "float32 ends at 3.4e38";
  } else if (row_ == 1 && column_ == 1) {
    advice = "a file of this form has no header, so remove one";
  }
  throw UserError("Expected a number in row {}, column {} of {} (both count from 1{}), found {}; {}.", row_, column_,
                  in_quotes(name_, 200), header_text(), text.empty() ? "an empty field" : in_quotes(text), advice);
}

}  // namespace smlt::codec
