#include "codec/table/table_look.hpp"

#include <algorithm>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/byte_order_mark.hpp"
#include "base/error.hpp"
#include "base/text.hpp"
#include "codec/table/csv_field.hpp"

namespace smlt::codec {
namespace {

constexpr size_t kMostRows = 1000;

using Fields = std::span<const std::string_view>;
using Rows = std::vector<std::vector<std::string_view>>;

// The rows of the front of a file, whose last one may be cut off unless the file `is_whole`.
Rows rows_of(std::string_view text, bool is_whole, char separator) {
  Rows rows;
  while (!text.empty() && rows.size() < kMostRows) {
    CsvRow row = first_csv_row(text, separator);
    const bool is_cut = !is_whole && row.length == text.size();
    if (is_cut) row.fields.pop_back();
    if (is_cut && !rows.empty()) break;
    text.remove_prefix(std::min(row.length + 1, text.size()));
    if (row.fields.size() > 1 || (!row.fields.empty() && !trimmed(row.fields[0]).empty())) rows.push_back(row.fields);
  }
  return rows;
}

bool is_number(std::string_view field) { return csv_number(field).has_value(); }
bool is_empty(std::string_view field) { return trimmed(field).empty(); }

bool are_numbers(Fields fields) {
  return std::any_of(fields.begin(), fields.end(), is_number) &&
         std::all_of(fields.begin(), fields.end(), [](auto field) { return is_number(field) || is_empty(field); });
}

bool begins_with_numbers(const Rows& rows) {
  const auto is_row = [](const auto& fields) { return fields.size() > 1 && are_numbers(fields); };
  return std::any_of(rows.begin(), rows.begin() + static_cast<ptrdiff_t>(std::min<size_t>(rows.size(), 2)), is_row);
}

// A name that occurs twice is a class name; names of files and persons are all different.
bool begins_with_classes(const Rows& rows) {
  std::set<std::string_view> names;
  bool is_repeated = false;
  for (const auto& fields : rows) {
    if (fields.size() < 2 || is_number(fields[0]) || !are_numbers(Fields(fields).subspan(1))) return false;
    is_repeated = !names.insert(csv_content(fields[0])).second || is_repeated;
  }
  return is_repeated;
}

// Rows of equal length, with numbers or nothing in at least half of the fields after the first column, not counting a
// header.
bool is_similar(const Rows& rows, char separator) {
  const size_t columns = rows.empty() ? 0 : rows[0].size();
  if (columns < 2) return false;
  const auto is_missing_field = [](std::string_view field) { return is_missing(csv_content(field)); };
  const auto is_value = [&](std::string_view field) {
    return is_number(field) || (separator != ',' && is_number_with_comma(field));
  };
  size_t numbers = 0, missing = 0, all = 0;
  for (size_t row = rows.size() > 1 ? 1 : 0; row < rows.size(); ++row) {
    if (rows[row].size() != columns) return false;
    const Fields features = Fields(rows[row]).subspan(1);
    numbers += static_cast<size_t>(std::count_if(features.begin(), features.end(), is_value));
    missing += static_cast<size_t>(std::count_if(features.begin(), features.end(), is_missing_field));
    all += features.size();
  }
  return 2 * (numbers + missing) >= all && numbers + missing > 0 && (numbers > 0 || is_number(rows.back()[0]));
}

// The front of a text: UTF-8 without a mark, and the ASCII part of other encodings.
struct Front {
  std::string text;
  bool is_utf8;
};

Front decoded(std::string_view front) {
  try {
    return {std::string(without_byte_order_mark(front, "the file")), true};
  } catch (const UserError&) {
    std::string text(front);
    std::erase_if(text, [](char c) { return c <= 0; });
    return {std::move(text), false};
  }
}

}  // namespace

TableLook table_look(std::string_view front, bool is_whole) {
  const auto [text, is_utf8] = decoded(front);
  const Rows rows = rows_of(text, is_whole, ',');
  if (is_utf8 && (begins_with_numbers(rows) || begins_with_classes(rows))) return TableLook::kTable;
  if (text.find('\0') != std::string::npos) return TableLook::kNone;
  for (const char separator : {',', ';', '\t', '|'}) {
    if (is_similar(separator == ',' ? rows : rows_of(text, is_whole, separator), separator)) return TableLook::kSimilar;
  }
  return TableLook::kNone;
}

}  // namespace smlt::codec
