// draw-table OUT [--rows N] [--seed S]: draws the data set of the tutorial on synthetic data and stores it as pandas
// would: OUT/training with X_train.csv, y_train.csv, X_validation.csv and y_validation.csv, OUT/test with X_test.csv
// and y_test.csv.
#include <fmt/format.h>

#include <cstdint>
#include <filesystem>
#include <iterator>
#include <string>

#include "base/file.hpp"
#include "generator.hpp"
#include "synthetic_table.hpp"

namespace smlt::examples {
namespace {

namespace fs = std::filesystem;

constexpr const char* kUsage = "usage: draw-table OUT [--rows N] [--seed S]";
constexpr int64_t kFewestRows = 100;
constexpr int64_t kMostRows = 1'000'000;

// As DataFrame.to_csv(index=False): columns without names are called 0, 1, ...
void write_csv(const fs::path& path, int64_t columns, int64_t rows, const auto* values) {
  std::string text;
  const auto out = std::back_inserter(text);
  for (int64_t i = 0; i < columns; ++i) fmt::format_to(out, "{}{}", i, i + 1 < columns ? "," : "\n");
  for (int64_t i = 0; i < rows * columns; ++i) {
    fmt::format_to(out, "{}{}", values[i], i % columns + 1 < columns ? "," : "\n");
  }
  write_file(path, text);
}

void write_part(const fs::path& folder, const std::string& part, const LabelledTable& table, int64_t first,
                int64_t end) {
  fs::create_directories(folder);
  write_csv(folder / ("X_" + part + ".csv"), table.columns, end - first, table.features.data() + first * table.columns);
  write_csv(folder / ("y_" + part + ".csv"), 1, end - first, table.classes.data() + first);
}

// A fifth for testing, a fifth of the others for validation: 6400, 1600 and 2000 of 10,000. The rows are in random
// order.
void write(const fs::path& folder, const Options& given) {
  const int64_t rows = whole_number(given, "rows", kFewestRows, kMostRows);
  Random random(seed(given));
  const LabelledTable table = make_classification(rows, random);
  const int64_t test = rows / 5;
  const int64_t validation = (rows - test) / 5;
  write_part(folder / "test", "test", table, 0, test);
  write_part(folder / "training", "validation", table, test, test + validation);
  write_part(folder / "training", "train", table, test + validation, rows);
}

}  // namespace
}  // namespace smlt::examples

int main(int argc, char** argv) {
  using namespace smlt::examples;
  return run_generator(argc, argv, kUsage, {{"rows", "10000"}, {"seed", "1"}}, write);
}
