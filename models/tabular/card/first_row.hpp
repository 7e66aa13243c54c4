#pragma once

#include <span>
#include <string>
#include <vector>

#include "models/tabular/card/found.hpp"

namespace smlt::models::tabular {

/// A sentence for each file of the split whose first row was probably misread: a row of data as the header of X_*.csv
/// or y_*.csv, or a header of column numbers as a row of a table that has none. pandas names unnamed columns 0, 1, 2
/// ..., so those are a header. `rows` are the first rows of the split's files, in the order of their paths; `labels`
/// are the classes that the labels have.
std::vector<std::string> first_row_warnings(const SplitFiles& files, std::span<const std::vector<std::string>> rows,
                                            std::span<const std::string> labels);

}  // namespace smlt::models::tabular
