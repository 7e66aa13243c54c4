#include "codec/table/csv_rows.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/byte_order_mark.hpp"
#include "base/error.hpp"
#include "base/name.hpp"
#include "base/text.hpp"
#include "codec/array/decimal.hpp"
#include "codec/table/csv_field.hpp"
#include "codec/table/plain_rows.hpp"

namespace smlt::codec {
namespace {

// A line feed or, before it or at the end of the file, a carriage return.
bool is_line_end(const char* at, const char* end) {
  return *at == '\n' || (*at == '\r' && (end - at == 1 || at[1] == '\n'));
}

}  // namespace

size_t CsvRowReader::take(std::string_view text, bool is_last) {
  size_t done = 0;
  if (place_.row == 0) done = text.size() - without_byte_order_mark(text, in_quotes(place_.file, 200)).size();
  if (see_first_row_ && !show_first_row(text.substr(done), is_last)) return 0;
  if (header_due_ && done < text.size()) {
    const size_t length = take_header(text.substr(done), is_last);
    if (header_due_) return 0;
    done = std::min(done + length + 1, text.size());
  }
  const std::string_view rest = text.substr(done);
  const size_t whole = is_last ? rest.size() : rest.rfind('\n') + 1;
  if (whole == 0 && !is_last && place_.row == 0) return 0;  // or the mark would be looked for again behind itself
  const char* const end = rest.data() + whole;
  // As many plain rows as there are, then one that may be anything.
  for (const char* at = rest.data(); at < end;) at = take_row(take_plain(at, end), end);
  return done + whole;
}

// Returns false if the row may go on. Only a header's quotes may span lines.
bool CsvRowReader::show_first_row(std::string_view text, bool is_last) {
  const CsvRow row = first_csv_row(header_due_ ? text : text.substr(0, text.find('\n')));
  if (row.length == text.size() && !is_last) return false;
  std::vector<std::string> fields;
  for (const std::string_view field : row.fields) fields.emplace_back(csv_content(field));
  std::exchange(see_first_row_, {})(std::move(fields));
  return true;
}

// Returns the length of the header, which stays due if it may go on.
size_t CsvRowReader::take_header(std::string_view text, bool is_last) {
  const CsvRow header = first_csv_row(text);
  if (header.length == text.size() && !is_last) return 0;
  header_due_ = false;
  ++place_.row;
  row_text_ = text;
  check_columns(static_cast<int64_t>(header.fields.size()));
  if (header.fields.size() == 1) header_separator_ = most_frequent_separator(text).value_or(0);
  return header.length;
}

const char* CsvRowReader::take_plain(const char* at, const char* end) {
  if (table_.columns == 0 || empty_row_ != 0 || (classes_ != nullptr && classes_->are_names())) return at;
  const int64_t rows = table_.rows;
  at = take_plain_rows(at, end, table_);
  place_.row += table_.rows - rows;
  if (classes_ != nullptr && table_.rows > rows) classes_->take_numbers();
  return at;
}

const char* CsvRowReader::take_row(const char* at, const char* end) {
  if (at == end) return end;
  ++place_.row;
  if (is_line_end(at, end)) {
    if (empty_row_ == 0) empty_row_ = place_.row;
    return std::min(at + (*at == '\n' ? 1 : 2), end);
  }
  if (empty_row_ != 0) {
    throw UserError("Expected numbers in row {} of {} (rows count from 1{}), found an empty line; remove it.",
                    empty_row_, in_quotes(place_.file, 200), place_.has_header ? ", the header included" : "");
  }
  row_text_ = {at, static_cast<size_t>(end - at)};
  place_.column = 0;
  for (bool is_more = true; is_more;) {
    ++place_.column;
    at = classes_ != nullptr && place_.column == 1 ? take_class(at, end) : take_field(at, end);
    is_more = at < end && *at == ',';
    if (at < end) ++at;  // past the comma or line feed
  }
  check_columns(place_.column);
  check_row();
  ++table_.rows;
  return at;
}

// These return the position of the comma or line feed after the field, or `end`.
const char* CsvRowReader::take_class(const char* at, const char* end) {
  const std::string_view rest(at, static_cast<size_t>(end - at));
  const std::string_view field = rest.substr(0, csv_field_length(rest, ',', /*may_span_lines=*/false));
  if (csv_number(field)) {
    if (classes_->are_names()) refuse_class_number(place_, field);
    classes_->take_numbers();
    return take_field(at, end);
  }
  if (place_.row == 1) refuse_csv_header(place_, row_text_);
  check_class_field(place_, field, row_text_);
  if (classes_->are_numbers()) refuse_class_among_numbers(place_, field, row_text_);
  const std::string name = composed(csv_text(field));
  const auto number = classes_->number_of(name);
  if (!number) refuse_class_name(place_, name, *classes_);
  table_.values.push_back(static_cast<float>(*number));
  return at + field.size();
}

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
  const std::string_view field = rest.substr(0, csv_field_length(rest, ',', /*may_span_lines=*/false));
  const std::optional<float> number = csv_number(field);
  if (!number) refuse_csv_field(place_, field, row_text_);
  value = *number;
  return at + field.size();
}

// Given the table's columns: a class needs features beside it, unless the file has a header.
void CsvRowReader::check_row() const {
  if (table_.columns != 1) return;
  if (classes_ != nullptr && !place_.has_header) refuse_csv_column_alone(place_, row_text_);
  if (header_separator_ != 0 && most_frequent_separator(row_text_) == header_separator_) {
    refuse_csv_separator(place_, header_separator_);
  }
}

void CsvRowReader::check_columns(int64_t columns) {
  if (table_.columns == 0) table_.columns = columns;
  if (columns != table_.columns) refuse_csv_columns(place_, table_.columns, columns, row_text_);
}

}  // namespace smlt::codec
