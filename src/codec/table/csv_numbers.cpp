#include "codec/table/csv_numbers.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <optional>

#include "base/byte_order_mark.hpp"
#include "base/error.hpp"
#include "base/text.hpp"
#include "codec/array/decimal.hpp"
#include "codec/array/number_text.hpp"
#include "codec/array/shape.hpp"
#include "codec/table/csv_field.hpp"

namespace smlt::codec {
namespace {

constexpr NumberNames kNames = {"True", "False", "nan", "inf"};

std::string without_comments(std::string_view body) {
  std::string text;
  while (!body.empty()) {
    const std::string_view before = without_comment(body);
    text.append(before);
    body.remove_prefix(before.size());
    body.remove_prefix(std::min(body.find('\n'), body.size()));
  }
  return text;
}

// What Python's float() accepts besides decimals.
std::optional<float> value_called(std::string_view name) {
  const std::string word = folded(name);
  if (word == "nan") return std::numeric_limits<float>::quiet_NaN();
  if (word == "inf" || word == "infinity") return std::numeric_limits<float>::infinity();
  return std::nullopt;
}

std::optional<float> number_in(std::string_view cell) {
  cell = csv_content(cell);
  if (cell.empty()) return std::numeric_limits<float>::quiet_NaN();
  const bool is_negative = cell.front() == '-';
  const std::string_view size = cell.substr(is_negative || cell.front() == '+' ? 1 : 0);
  const auto decimal = size.starts_with('-') ? std::nullopt : decimal_number(size);
  const std::optional<float> value = decimal ? static_cast<float>(*decimal) : value_called(size);
  if (value) return is_negative ? -*value : *value;
  return truth_value(cell);  // like numpy's reader of booleans
}

class Reader {
 public:
  Reader(std::string_view text, std::string_view name) : at_(text.data()), end_(at_ + text.size()), name_(name) {}

  NumberArray read(int64_t first_line) {
    for (int64_t line = first_line; at_ < end_; ++line) take_line(line);
    return array({rows_, columns_});
  }

 private:
  NumberArray array(std::vector<int64_t> shape) const {
    NumberArray array{NumberType::kFloat32, std::move(shape), {}};
    array.bytes.resize(values_.size() * sizeof(float));
    if (!values_.empty()) std::memcpy(array.bytes.data(), values_.data(), array.bytes.size());
    return array;
  }

  void take_line(int64_t line) {
    const char* first = std::find_if_not(at_, end_, [](char c) { return c == ' ' || c == '\r' || c == '\t'; });
    if (first == end_ || *first == '\n') {
      at_ = first == end_ ? end_ : first + 1;
      return;
    }
    int64_t columns = 0;
    for (bool is_more = true; is_more;) {
      take_cell(line, ++columns);
      is_more = at_ < end_ && *at_ == ',';
      if (at_ < end_) ++at_;
    }
    if (rows_++ == 0) columns_ = columns;
    if (columns == columns_) return;
    throw UserError("Expected {} in every line of {}, found {} in line {}.", counted(columns_, "number"),
                    in_quotes(name_, 200), columns, line);
  }

  // Leaves `at_` at the comma or line feed after the cell, or at the end.
  void take_cell(int64_t line, int64_t column) {
    float value = 0;
    const char* const stop = read_plain_decimal(at_, end_, value);
    if (stop != nullptr && (stop == end_ || *stop == ',' || *stop == '\n')) {
      at_ = stop;
    } else {
      value = unusual_cell(line, column);
    }
    values_.push_back(value);
  }

  float unusual_cell(int64_t line, int64_t column) {
    const std::string_view rest(at_, end_);
    const std::string_view cell = rest.substr(0, rest.find_first_of(",\n"));
    const auto value = number_in(cell);
    if (!value) refuse(line, column, trimmed(cell));
    at_ += cell.size();
    return *value;
  }

  [[noreturn]] void refuse(int64_t line, int64_t column, std::string_view cell) const {
    throw UserError("Expected a number in line {}, column {} of {}, found {}{}.", line, column, in_quotes(name_, 200),
                    in_quotes(cell, 40), rows_ == 0 && line == 1 ? "; send the rows without a header" : "");
  }

  const char* at_;
  const char* end_;
  std::string_view name_;
  int64_t rows_ = 0, columns_ = 0;
  std::vector<float> values_;
};

}  // namespace

std::string_view without_comment(std::string_view line) { return line.substr(0, line.find('#')); }

NumberArray read_csv_rows(std::string_view body, std::string_view name, int64_t first_line) {
  if (first_line <= 1) body = without_byte_order_mark(body, name);
  if (body.find('#') == std::string_view::npos) return Reader(body, name).read(first_line);
  return Reader(without_comments(body), name).read(first_line);
}

NumberArray read_csv_numbers(std::string_view body, std::string_view name) {
  NumberArray array = read_csv_rows(body, name);
  if (array.shape[0] < 2 || array.shape[1] == 1) array.shape = {array.shape[0] * array.shape[1]};
  return array;
}

std::string write_csv_numbers(const NumberArray& array) {
  if (array.shape.size() > 2) {
    throw UserError("Expected an answer of at most two dimensions for CSV, found the shape {}; ask for JSON or npy.",
                    shape_text(array.shape));
  }
  const int64_t rows = array.shape.empty() ? 1 : array.shape[0];
  const int64_t columns = array.shape.size() < 2 ? 1 : array.shape[1];
  std::string text;
  text.reserve(array.bytes.size() * 4);
  const std::byte* at = array.bytes.data();
  for (int64_t row = 0; row < rows; ++row) {
    for (int64_t column = 0; column < columns; ++column, at += size_of(array.type)) {
      if (column > 0) text += ',';
      append_number(text, array.type, at, kNames);
    }
    text += '\n';
  }
  return text;
}

}  // namespace smlt::codec
