#include "codec/table/csv_values.hpp"

#include <string>

#include "codec/table/csv.hpp"
#include "tests/catch.hpp"
#include "tests/codec/archive/made_gzip.hpp"
#include "tests/temporary.hpp"

using smlt::codec::ByteSource;
using smlt::codec::csv_values;
using smlt::codec::CsvHeader;
using smlt::codec::FloatTable;
using smlt::codec::read_csv;
using smlt::test::TemporaryDirectory;

namespace {

std::string rows(const std::string& row, size_t bytes) {
  std::string text;
  while (text.size() < bytes) text += row;
  return text;
}

const std::string kShort = "0,0,1,0\n", kLong = "-0.12345678901234567,0.12345678901234567,1.2345678901234567,0.1\n";

}  // namespace

TEST_CASE("room is made for about as many values as a file holds, wherever its short rows are", "[table]") {
  const TemporaryDirectory folder;
  constexpr size_t kMiB = size_t{1} << 20;
  for (const std::string& text :
       {rows(kShort, 2 * kMiB) + rows(kLong, 14 * kMiB), rows(kLong, 14 * kMiB) + rows(kShort, 2 * kMiB),
        rows(kLong, 4 * kMiB), rows(kShort, 4 * kMiB), kShort}) {
    FloatTable table;
    const auto path = folder.write("a.csv", text);
    read_csv(path, CsvHeader::kNone, table);
    const auto values = static_cast<double>(table.values.size());
    const auto estimate = static_cast<double>(csv_values(ByteSource(path)));
    CHECK(estimate >= 0.9 * values);
    CHECK(estimate <= 1.15 * values + 80);
    CHECK(static_cast<double>(table.values.capacity()) <= 2.1 * values + 80);
  }
}

TEST_CASE("only a plain file has an estimate", "[table]") {
  const TemporaryDirectory folder;
  CHECK(csv_values(ByteSource(folder.write("a.csv.gz", smlt::test::made_gzip("1,2\n")))) == 0);
  CHECK(csv_values(ByteSource(folder.write("empty.csv", ""))) == 0);
}

TEST_CASE("the table is not copied for each of many small files", "[table]") {
  const TemporaryDirectory folder;
  const auto path = folder.write("a.csv", rows(kLong, 10'000));
  FloatTable table;
  int copies = 0;
  for (int file = 0; file < 200; ++file) {
    const float* const before = table.values.data();
    read_csv(path, CsvHeader::kNone, table);
    copies += table.values.data() == before ? 0 : 1;
  }
  CHECK(copies < 25);
}
