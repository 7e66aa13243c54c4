#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

#include "codec/table/csv.hpp"
#include "codec/table/csv_classes.hpp"
#include "codec/table/csv_refusal.hpp"

namespace smlt::codec {

/// Turns rows of text into rows of a table, one piece of text at a time; csv.hpp says what it throws.
class CsvRowReader {
 public:
  /// `file`, the name for errors, `table` and `classes` must outlive the reader. The rest is as for read_csv.
  CsvRowReader(CsvHeader header, std::string_view file, FloatTable& table, CsvClasses* classes = nullptr,
               SeeFirstRow see_first_row = {})
      : see_first_row_(std::move(see_first_row)),
        header_due_(header == CsvHeader::kFirstRow),
        table_(table),
        classes_(classes),
        place_{.file = file, .has_header = header_due_} {}

  /// Reads the complete rows at the front of `text`, or all of it if no more will come. Returns how many bytes that
  /// were: the rest belongs in front of the next piece.
  size_t take(std::string_view text, bool is_last);

 private:
  bool show_first_row(std::string_view text, bool is_last);
  size_t take_header(std::string_view text, bool is_last);
  const char* take_plain(const char* at, const char* end);
  const char* take_row(const char* at, const char* end);
  const char* take_class(const char* at, const char* end);
  const char* take_field(const char* at, const char* end);
  const char* take_unusual_field(const char* at, const char* end, float& value) const;
  void check_row() const;
  void check_columns(int64_t columns);

  SeeFirstRow see_first_row_;  // empty as soon as it has been called
  bool header_due_;
  char header_separator_ = 0;  // of a header that is one field; 0 if it has none
  FloatTable& table_;
  CsvClasses* classes_;
  CsvPlace place_;
  std::string_view row_text_;  // from the current row on
  int64_t empty_row_ = 0;      // the first one; 0 before it
};

}  // namespace smlt::codec
