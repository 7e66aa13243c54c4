#pragma once

#include <ATen/core/Tensor.h>

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "data/split.hpp"

namespace smlt::models::tabular {

/// What the training rows hold in one column.
struct Scale {
  double mean = 0;
  double deviation = 0;  // of the population; 0 if the column is constant
  double reach = 0;      // the largest distance from the mean
};

/// One per column of float `[rows, columns]` with at least one row. Summed in double, row after row, so the bits do not
/// depend on the number of threads.
std::vector<Scale> column_scales(const at::Tensor& rows);

/// The columns that are too far from the numbers around 1 that the network and its learning rate are made for: "'usage'
/// (mean 5e+08, deviation 2.9e+08) and 2 more". Nullopt if SGD can learn from all of them as they are. `names` has one
/// per column.
std::optional<std::string> unlike_columns(std::span<const Scale> scales, std::span<const std::string> names);

/// A sentence on the first column whose numbers are so large that float32 hardly tells them apart, as seconds since
/// 1970 are; nullopt if there is none.
std::optional<std::string> coarse_column(std::span<const Scale> scales, std::span<const std::string> names);

/// What the network subtracts and divides by: 1 in place of a deviation of 0.
data::Scaling scaling_of(std::span<const Scale> scales);

}  // namespace smlt::models::tabular
