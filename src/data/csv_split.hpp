#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "codec/table/csv_classes.hpp"
#include "data/split.hpp"

namespace smlt::data {

/// A split from CSV files, and what their first rows are: of features and labels, or of each table.
struct CsvSplit {
  Split split;
  std::vector<std::vector<std::string>> first_rows;
};

/// Features and classes from one CSV file each, both with a header: float `[n, features]` and int64 `[n]`. If `classes`
/// is not closed yet, this is the training data: names of classes are collected there, and it is closed; else the names
/// must be among its names. Throws UserError if the row counts differ, if there is no row, if labels have more than one
/// column or are neither names nor whole numbers from 0 (1.0 is one), and for what codec/table/csv.hpp says.
CsvSplit read_csv_pair(const std::filesystem::path& features, const std::filesystem::path& labels,
                       codec::CsvClasses& classes);

/// The same from tables with the class first and no header, joined in order; `values` is about how many they hold. The
/// inputs are a view of the table.
CsvSplit read_csv_tables(std::span<const std::filesystem::path> tables, size_t values, codec::CsvClasses& classes);

}  // namespace smlt::data
