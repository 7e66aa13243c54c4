#include "models/tabular/card/first_row.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "base/text.hpp"
#include "codec/table/csv_field.hpp"

namespace smlt::models::tabular {
namespace {

namespace fs = std::filesystem;

// With fewer columns, a row of data may well hold 3, 4 or 2, 0, 1.
constexpr size_t kFewestNumbered = 4;

std::optional<std::vector<double>> numbers_of(std::span<const std::string> fields) {
  std::vector<double> numbers;
  for (const std::string& field : fields) {
    const auto number = codec::csv_number(field);
    if (!number) return std::nullopt;
    numbers.push_back(static_cast<double>(*number));
  }
  return numbers;
}

// 0, 1, 2 ... or, in a part of a wider frame, 5, 6, 7, 8.
bool are_column_numbers(std::span<const double> numbers) {
  const double first = numbers.front();
  if (first != std::floor(first) || first < 0 || (first > 1 && numbers.size() < kFewestNumbered)) return false;
  const auto jumps = [](double number, double next) { return next != number + 1; };
  return std::adjacent_find(numbers.begin(), numbers.end(), jumps) == numbers.end();
}

// In any order: moving the label to the front moves its number along.
bool are_all_column_numbers(std::vector<double> numbers) {
  std::sort(numbers.begin(), numbers.end());
  return numbers.size() >= kFewestNumbered && numbers.front() == 0 && are_column_numbers(numbers);
}

bool is_label(std::string_view name, std::span<const std::string> labels) {
  return std::find(labels.begin(), labels.end(), name) != labels.end();
}

std::string lost_row(const fs::path& file, std::string_view what = "numbers") {
  return fmt::format(
      "The first row of {} is {} and was taken for its header, so it is lost if it is a row of data; put a row of "
      "names before it.",
      in_quotes(file.native(), 200), what);
}

std::vector<std::string> pair_warnings(const SplitFiles& files, std::span<const std::string> names,
                                       std::span<const std::string> header, std::span<const std::string> labels) {
  std::vector<std::string> warnings;
  const auto features = numbers_of(names);
  const bool is_data = features && !are_column_numbers(*features);
  if (is_data) warnings.push_back(lost_row(files.features));
  const auto label = numbers_of(header);
  if (!label && is_label(header.front(), labels)) warnings.push_back(lost_row(files.labels, "the name of a class"));
  if (!label || !is_label(fmt::format("{}", label->front()), labels)) return warnings;
  const bool is_name = label->front() == 0 || (features && label->front() == features->back() + 1);
  if (is_data || !is_name) warnings.push_back(lost_row(files.labels));
  return warnings;
}

std::vector<std::string> table_warnings(std::span<const fs::path> tables,
                                        std::span<const std::vector<std::string>> rows) {
  std::vector<std::string> warnings;
  for (size_t i = 0; i < tables.size(); ++i) {
    const auto numbers = numbers_of(rows[i]);
    if (!numbers || !are_all_column_numbers(*numbers)) continue;
    warnings.push_back(fmt::format(
        "The first row of {} is the numbers 0 to {}, as pandas names columns, and was read as a row of data; write "
        "tables that have the label first without a header.",
        in_quotes(tables[i].native(), 200), numbers->size() - 1));
  }
  return warnings;
}

}  // namespace

std::vector<std::string> first_row_warnings(const SplitFiles& files, std::span<const std::vector<std::string>> rows,
                                            std::span<const std::string> labels) {
  return files.tables.empty() ? pair_warnings(files, rows[0], rows[1], labels) : table_warnings(files.tables, rows);
}

}  // namespace smlt::models::tabular
