#include "codec/table/csv_refusal.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/text.hpp"
#include "codec/array/number_text.hpp"
#include "codec/table/csv_field.hpp"

namespace smlt::codec {
namespace {

constexpr std::string_view kHeaderAdvice = "a file of this form has no header, so remove one";
constexpr std::string_view kOneKind = "give every class a name or every class a number";

std::string file_of(const CsvPlace& place) { return in_quotes(place.file, 200); }

// What rows and columns are counted from, for the end of a position.
std::string_view header_text(const CsvPlace& place) { return place.has_header ? ", the header included" : ""; }

std::string place_text(const CsvPlace& place) {
  return fmt::format("row {}, column {} of {} (both count from 1{})", place.row, place.column, file_of(place),
                     header_text(place));
}

std::string_view name_of(char separator) {
  return separator == ';' ? "';' (semicolon)" : separator == '|' ? "'|' (vertical bar)" : "TAB";
}

bool is_text(std::string_view field) { return !csv_number(field) && !is_missing(csv_content(field)); }

bool is_header(const std::vector<std::string_view>& fields) {
  const auto is_number = [](std::string_view field) { return csv_number(field).has_value(); };
  return std::none_of(fields.begin(), fields.end(), is_number) &&
         std::any_of(fields.begin() + 1, fields.end(), is_text);
}

std::string_view advice_for(const CsvPlace& place, std::string_view content) {
  if (is_missing(content)) return "fill in what is missing, or leave the row out";
  if (decimal_number(content)) return "float32 ends at 3.4e38";
  if (place.row == 1 && place.column == 1) return kHeaderAdvice;
  return "replace what is not a finite number, or leave the row out";
}

}  // namespace

void refuse_csv_field(const CsvPlace& place, std::string_view field, std::string_view row) {
  const std::string_view content = csv_content(field);
  if (const auto separator = foreign_separator(row)) refuse_csv_separator(place, *separator);
  throw UserError("Expected a number in {}, found {}; {}.", place_text(place),
                  content.empty() ? "an empty field" : in_quotes(content), advice_for(place, content));
}

void refuse_csv_header(const CsvPlace& place, std::string_view row) {
  const std::vector<std::string_view> fields = first_csv_row(row).fields;
  if (!is_header(fields)) return;
  throw UserError("Expected a class and numbers in {}, found {}; {}.", place_text(place),
                  in_quotes(csv_content(fields[0])), kHeaderAdvice);
}

void refuse_csv_columns(const CsvPlace& place, int64_t expected, int64_t found, std::string_view row) {
  const auto separator = found == 1 ? most_frequent_separator(row) : foreign_separator(row);
  if (separator) refuse_csv_separator(place, *separator);
  throw UserError("Expected {} columns, as in the rows before, found {} in row {} of {} (rows count from 1{}).",
                  expected, found, place.row, file_of(place), header_text(place));
}

void refuse_csv_column_alone(const CsvPlace& place, std::string_view row) {
  if (const auto separator = most_frequent_separator(row)) refuse_csv_separator(place, *separator);
  throw UserError("Expected a class and at least one feature in row {} of {}, separated by commas, found one column.",
                  place.row, file_of(place));
}

void refuse_csv_separator(const CsvPlace& place, char separator) {
  throw UserError(
      "Expected commas between the fields of {}, found the separator {} in row {}; write the file with commas, and "
      "its numbers with decimal points.",
      file_of(place), name_of(separator), place.row);
}

void check_class_field(const CsvPlace& place, std::string_view field, std::string_view row) {
  const std::string_view content = csv_content(field);
  if (is_missing(content)) {
    throw UserError("Expected a class in {}, found {}; fill in what is missing, or leave the row out.",
                    place_text(place), content.empty() ? "an empty field" : in_quotes(content));
  }
  if (field.find('"') == std::string_view::npos && field.find_first_of(";\t|") != std::string_view::npos) {
    if (const auto separator = foreign_separator(row)) refuse_csv_separator(place, *separator);
  }
  if (content.size() > CsvClasses::kLongestName) {
    throw UserError("Expected the name of a class, of at most {} bytes, in {}, found {} bytes: {}; shorten it.",
                    CsvClasses::kLongestName, place_text(place), content.size(), in_quotes(content, 40));
  }
  if (printable(content) != content) {
    throw UserError("Expected the name of a class as printable UTF-8 text in {}, found {}; save the file as UTF-8.",
                    place_text(place), in_quotes(content));
  }
}

void refuse_class_name(const CsvPlace& place, std::string_view name, const CsvClasses& classes) {
  if (!classes.is_closed()) {
    throw UserError("Expected at most {} names of classes, found one more in {}: {}; put the class first.",
                    CsvClasses::kMostNames, place_text(place), in_quotes(name));
  }
  constexpr size_t kShown = 30;
  std::vector<std::string> known;
  for (size_t i = 0; i < std::min(kShown, classes.names().size()); ++i) known.push_back(in_quotes(classes.names()[i]));
  throw UserError("Expected a class of the training data ({}) in {}, found {}; correct or remove the row.",
                  shortened(listed(known, "or"), 300), place_text(place), in_quotes(name));
}

void refuse_class_among_numbers(const CsvPlace& place, std::string_view field, std::string_view row) {
  if (const auto separator = foreign_separator(row)) refuse_csv_separator(place, *separator);
  throw UserError("Expected a class number in {}, as in the rows before, found {}; {}.", place_text(place),
                  in_quotes(csv_content(field)), kOneKind);
}

void refuse_class_number(const CsvPlace& place, std::string_view field) {
  const bool follows_first_row = place.row == 2 && !place.has_header;
  throw UserError("Expected the name of a class in {}, as in the rows before, found the number {}; {}.",
                  place_text(place), in_quotes(csv_content(field)), follows_first_row ? kHeaderAdvice : kOneKind);
}

}  // namespace smlt::codec
