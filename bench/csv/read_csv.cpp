// bench-read-csv FILE: reads a CSV of numbers without a header and prints its size and sum. bench/csv/run compares it
// with pandas.
#include <fmt/format.h>

#include <cstdio>
#include <numeric>

#include "base/error.hpp"
#include "codec/table/csv.hpp"

int main(int argc, char** argv) {
  try {
    if (argc != 2) throw smlt::UserError("usage: bench-read-csv FILE");
    smlt::codec::FloatTable table;
    smlt::codec::read_csv(argv[1], smlt::codec::CsvHeader::kNone, table);
    const double sum = std::accumulate(table.values.begin(), table.values.end(), 0.0);
    fmt::print("{} rows, {} columns, sum={:.6g}\n", table.rows, table.columns, sum);
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
}
