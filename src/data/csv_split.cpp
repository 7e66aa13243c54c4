#include "data/csv_split.hpp"

#include <torch/torch.h>

#include <cmath>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/text.hpp"
#include "codec/table/csv.hpp"
#include "tensor/as_tensor.hpp"

namespace smlt::data {
namespace fs = std::filesystem;
namespace {

constexpr float kFirstInexact = 1 << 24;  // above it a float cannot hold every whole number

// For the rows from `first` on, which come from `file`.
void check_numbers(const codec::FloatTable& table, int64_t first, codec::CsvHeader header, const fs::path& file,
                   const codec::CsvClasses& classes) {
  if (classes.are_names()) return;
  for (int64_t row = first; row < table.rows; ++row) {
    const float label = table.values[static_cast<size_t>(row * table.columns)];
    if (label >= 0 && label < kFirstInexact && label == std::floor(label)) continue;
    const int64_t header_rows = header == codec::CsvHeader::kFirstRow ? 1 : 0;
    throw UserError(
        "Expected a class number (0, 1, 2 ...) in column 1, row {} of {} (rows count from 1{}), found {}{}.",
        row - first + 1 + header_rows, in_quotes(file.native(), 200), header_rows > 0 ? ", the header included" : "",
        label,
        label == std::floor(label) ? "; number the classes 0, 1, 2 and so on, or give them names"
                                   : ", as a number to be predicted (regression), which is not a class");
  }
}

// The column of classes as int64, by the final numbers of their names.
at::Tensor targets_of(const at::Tensor& column, codec::CsvClasses& classes) {
  const at::Tensor targets = column.to(torch::kLong);
  if (classes.is_closed()) return targets;
  const std::vector<int64_t> now = classes.close();
  return now.empty() ? targets : torch::tensor(now).index_select(0, targets);
}

void check_column(size_t columns, const fs::path& labels) {
  if (columns == 1) return;
  throw UserError("Expected one column of classes in {}, found {}; if pandas wrote the file, use index=False.",
                  in_quotes(labels.native(), 200), columns);
}

void check_rows(const codec::FloatTable& table, const fs::path& file) {
  if (table.rows == 0) throw UserError("Expected rows in {}, found none.", in_quotes(file.native(), 200));
}

}  // namespace

CsvSplit read_csv_pair(const fs::path& features, const fs::path& labels, codec::CsvClasses& classes) {
  std::vector<std::vector<std::string>> first_rows(2);
  codec::FloatTable y;
  codec::read_csv(labels, codec::CsvHeader::kFirstRow, y, &classes, [&](std::vector<std::string> names) {
    check_column(names.size(), labels);
    first_rows[1] = std::move(names);
  });
  check_rows(y, labels);
  check_numbers(y, 0, codec::CsvHeader::kFirstRow, labels, classes);
  codec::FloatTable x;
  codec::read_csv(features, codec::CsvHeader::kFirstRow, x, nullptr,
                  [&](std::vector<std::string> names) { first_rows[0] = std::move(names); });
  if (x.rows != y.rows) {
    throw UserError(
        "Expected a label for each row of features, found {} rows in {} and {} labels in {}; replace the file that "
        "does not belong to the other.",
        x.rows, in_quotes(features.native(), 200), y.rows, in_quotes(labels.native(), 200));
  }
  return {{tensor::as_tensor(std::move(x)), targets_of(tensor::as_tensor(std::move(y)).squeeze(1), classes)},
          std::move(first_rows)};
}

CsvSplit read_csv_tables(std::span<const fs::path> tables, size_t values, codec::CsvClasses& classes) {
  std::vector<std::vector<std::string>> first_rows;
  const auto note_first_row = [&](std::vector<std::string> row) { first_rows.push_back(std::move(row)); };
  codec::FloatTable table;
  table.values.reserve(values);
  for (const fs::path& file : tables) {
    const int64_t first = table.rows;
    codec::read_csv(file, codec::CsvHeader::kNone, table, &classes, note_first_row);
    check_numbers(table, first, codec::CsvHeader::kNone, file, classes);
  }
  check_rows(table, tables[0]);
  const at::Tensor all = tensor::as_tensor(std::move(table));
  return {{all.narrow(1, 1, all.size(1) - 1), targets_of(all.select(1, 0), classes)}, std::move(first_rows)};
}

}  // namespace smlt::data
