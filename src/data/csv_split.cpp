#include "data/csv_split.hpp"

#include <torch/torch.h>

#include <cmath>
#include <utility>

#include "base/error.hpp"
#include "base/text.hpp"
#include "codec/csv.hpp"
#include "data/as_tensor.hpp"

namespace smlt::data {
namespace fs = std::filesystem;
namespace {

constexpr float kFirstInexact = 1 << 24;  // above it a float does not hold every whole number

// Of the rows from `first` on, which are those of `file`.
void check_classes(const codec::FloatTable& table, int64_t first, codec::CsvHeader header, const fs::path& file) {
  for (int64_t row = first; row < table.rows; ++row) {
    const float label = table.values[static_cast<size_t>(row * table.columns)];
    if (label >= 0 && label < kFirstInexact && label == std::floor(label)) continue;
    const int64_t header_rows = header == codec::CsvHeader::kFirstRow ? 1 : 0;
    throw UserError(
        "Expected a class number (0, 1, 2 ...) in column 1, row {} of {} (rows count from 1{}), found {}{}.",
        row - first + 1 + header_rows, in_quotes(file.native(), 200), header_rows > 0 ? ", the header included" : "",
        label, label == std::floor(label) ? "" : ", as a number to be predicted (regression), which is not a class");
  }
}

void check_rows(const codec::FloatTable& table, const fs::path& file) {
  if (table.rows == 0) throw UserError("Expected rows in {}, found none.", in_quotes(file.native(), 200));
}

}  // namespace

Split read_csv_pair(const fs::path& features, const fs::path& labels) {
  codec::FloatTable y;
  codec::read_csv(labels, codec::CsvHeader::kFirstRow, y);
  check_rows(y, labels);
  if (y.columns != 1) {
    throw UserError("Expected one column of class numbers in {}, found {}; if pandas wrote the file, use index=False.",
                    in_quotes(labels.native(), 200), y.columns);
  }
  check_classes(y, 0, codec::CsvHeader::kFirstRow, labels);
  codec::FloatTable x;
  codec::read_csv(features, codec::CsvHeader::kFirstRow, x);
  if (x.rows != y.rows) {
    throw UserError(
        "Expected a label for each row of features, found {} rows in {} and {} labels in {}; replace the file that "
        "does not belong to the other.",
        x.rows, in_quotes(features.native(), 200), y.rows, in_quotes(labels.native(), 200));
  }
  return {as_tensor(std::move(x)), as_tensor(std::move(y)).squeeze(1).to(torch::kLong)};
}

Split read_csv_tables(std::span<const fs::path> tables) {
  codec::FloatTable table;
  for (const fs::path& file : tables) {
    const int64_t first = table.rows;
    codec::read_csv(file, codec::CsvHeader::kNone, table);
    check_classes(table, first, codec::CsvHeader::kNone, file);
  }
  check_rows(table, tables[0]);
  const at::Tensor all = as_tensor(std::move(table));
  return {all.narrow(1, 1, all.size(1) - 1), all.select(1, 0).to(torch::kLong)};
}

}  // namespace smlt::data
