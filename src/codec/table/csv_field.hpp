#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace smlt::codec {

/// The length of the field at the start of `text`, without the separator or line feed after it. In quotes both belong
/// to the field, unless it must not span lines: then a line feed ends it even there.
size_t csv_field_length(std::string_view text, char separator = ',', bool may_span_lines = true);

/// The fields of the first row of `text` as they are, and its length without the line feed after it.
struct CsvRow {
  std::vector<std::string_view> fields;
  size_t length = 0;
};
CsvRow first_csv_row(std::string_view text, char separator = ',');

/// What a field says, without the blanks and quotes around it.
std::string_view csv_content(std::string_view field);

/// The same as text: a doubled quote inside quotes is one.
std::string csv_text(std::string_view field);

/// 1 for "true" and 0 for "false", ignoring case; nullopt for any other text.
std::optional<float> truth_value(std::string_view word);

/// The float nearest to what a field says: blanks, quotes and a plus sign around a decimal number are skipped, a value
/// below the smallest float is 0, and truth values are numbers. Returns nullopt for any other text, nan, and values
/// beyond the range of a float.
std::optional<float> csv_number(std::string_view field);

/// Whether a field is a number with a comma between two digits as its decimal point: "2,5".
bool is_number_with_comma(std::string_view field);

/// Whether `text` is empty or a mark for a missing value: one that pandas knows ("NA", "N/A", "nan", "null", "None",
/// ...), or "?".
bool is_missing(std::string_view text);

/// The separator (';', TAB or '|') of a row at the start of `text` that is not separated by commas: at least half of
/// its fields are numbers then, which may have decimal commas, and not fewer than between commas. Returns nullopt if
/// none of them is.
std::optional<char> foreign_separator(std::string_view text);

/// The separator (';', TAB or '|') that occurs most often outside quotes in the row at the start of `text`, if any
/// does.
std::optional<char> most_frequent_separator(std::string_view text);

}  // namespace smlt::codec
