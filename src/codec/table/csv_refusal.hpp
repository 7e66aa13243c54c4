// The error sentences for what a CSV file may not hold. All throw UserError.
#pragma once

#include <cstdint>
#include <string_view>

#include "codec/table/csv_classes.hpp"

namespace smlt::codec {

/// A field, as errors name it: row and column count from 1, a header included.
struct CsvPlace {
  std::string_view file;
  int64_t row = 0;
  int64_t column = 0;
  bool has_header = false;
};

/// For a field that should be a number in the row at the start of `row`.
[[noreturn]] void refuse_csv_field(const CsvPlace& place, std::string_view field, std::string_view row);

/// For the first row of a file without a header, if the row looks like a header.
void refuse_csv_header(const CsvPlace& place, std::string_view row);

/// For a row whose number of columns differs from the rows before it.
[[noreturn]] void refuse_csv_columns(const CsvPlace& place, int64_t expected, int64_t found, std::string_view row);

/// For a row of one column where a class and features are expected.
[[noreturn]] void refuse_csv_column_alone(const CsvPlace& place, std::string_view row);

/// For a row that is separated by a character other than a comma.
[[noreturn]] void refuse_csv_separator(const CsvPlace& place, char separator);

/// For a field that cannot be the name of a class: a missing value, too long, not text, or of a row with another
/// separator. Returns for any other field.
void check_class_field(const CsvPlace& place, std::string_view field, std::string_view row);

/// For a name that `classes` does not know and does not accept.
[[noreturn]] void refuse_class_name(const CsvPlace& place, std::string_view name, const CsvClasses& classes);

/// For a field that is not a number among numeric classes.
[[noreturn]] void refuse_class_among_numbers(const CsvPlace& place, std::string_view field, std::string_view row);

/// For a number among class names.
[[noreturn]] void refuse_class_number(const CsvPlace& place, std::string_view field);

}  // namespace smlt::codec
