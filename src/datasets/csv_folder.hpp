#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "datasets/looks.hpp"

namespace smlt::datasets {

/// The tables that a folder holds, not counting the folders in it. X.csv.gz beside X.csv is left out.
struct CsvFolder {
  struct Pair {
    std::filesystem::path features;
    std::filesystem::path labels;
  };
  std::map<std::string, Pair> pairs;  // X_ and y_ of "train", "validation" and "test"; a half may be missing
  std::optional<std::pair<std::filesystem::path, std::filesystem::path>> doubled;  // two files for one half

  std::vector<std::filesystem::path> tables;      // other files that are called *.csv, or look like a table
  size_t values = 0;                              // about how many the plain ones of them hold
  std::vector<std::filesystem::path> recognized;  // of these: plainly a table of numbers
  std::vector<std::filesystem::path> similar;     // of these: a table, though reading it may end in an error
  std::vector<std::filesystem::path> packed;      // CSV, but neither plain nor gzip: part.csv.bz2
  std::vector<std::filesystem::path> foreign;     // tables in another form: Parquet, Excel

  bool holds_csv() const { return !pairs.empty() || !tables.empty(); }
};

/// Never throws for a file: one that cannot be read is among the tables, so that reading it will say why.
CsvFolder find_csv(const std::filesystem::path& folder, Looks& looks);

/// The first file called *.csv or *.csv.gz in the folders within this one.
std::optional<std::filesystem::path> find_nested_csv(const std::filesystem::path& folder);

}  // namespace smlt::datasets
