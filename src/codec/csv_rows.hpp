#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "codec/csv.hpp"

namespace smlt::codec {

inline constexpr std::string_view kCsvByteOrderMark = "\xEF\xBB\xBF";  // of UTF-8

/// The fields of the first row of `text` as they are, and its length without the line feed behind it. A comma or line
/// feed in quotes belongs to its field.
struct CsvRow {
  std::vector<std::string_view> fields;
  size_t length = 0;
};
CsvRow first_csv_row(std::string_view text);

/// What a field says, without the blanks and quotes around it.
std::string_view csv_content(std::string_view field);

/// The float nearest to what a field says: blanks, quotes and a plus sign around a decimal number are passed over, what
/// is smaller than every float is 0. Nothing for other text, nan, and what is beyond every float.
std::optional<float> csv_number(std::string_view field);

/// Turns rows of text into rows of a table, a piece of text after the other; csv.hpp says what it throws.
class CsvRowReader {
 public:
  /// `name` and `table` must outlive the reader.
  CsvRowReader(CsvHeader header, std::string_view name, FloatTable& table)
      : header_due_(header == CsvHeader::kFirstRow), name_(name), table_(table) {}

  /// Reads the whole rows at the front of `text`, and all of it when no more will come. Returns how many bytes that
  /// were: the rest belongs in front of the next piece.
  size_t take(std::string_view text, bool is_last);

 private:
  const char* take_plain(const char* at, const char* end);
  const char* take_row(const char* at, const char* end);
  const char* take_field(const char* at, const char* end);
  const char* take_unusual_field(const char* at, const char* end, float& value) const;
  void check_columns(size_t columns);
  [[noreturn]] void refuse_field(std::string_view text) const;
  std::string_view header_text() const { return has_header_ ? ", the header included" : ""; }

  bool header_due_;
  bool has_header_ = header_due_;
  std::string_view name_;
  FloatTable& table_;
  int64_t row_ = 0;
  int64_t column_ = 0;
  int64_t empty_row_ = 0;  // the first one; 0 while there is none
};

}  // namespace smlt::codec
