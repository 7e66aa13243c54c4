#pragma once

#include <filesystem>
#include <span>

#include "data/split.hpp"

namespace smlt::data {

/// Features and class numbers from a CSV file each, both with a header: float `[n, features]` and int64 `[n]`. Throws
/// UserError when the counts of rows differ, when there is no row, when labels have more than one column or are no
/// whole numbers from 0 (1.0 is one), and what codec/csv.hpp says.
Split read_csv_pair(const std::filesystem::path& features, const std::filesystem::path& labels);

/// The same from tables with the class number first and no header, one after the other. The inputs are a view of the
/// table.
Split read_csv_tables(std::span<const std::filesystem::path> tables);

}  // namespace smlt::data
