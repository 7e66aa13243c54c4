#include "models/tabular/scales.hpp"

#include <fmt/format.h>
#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/text.hpp"

namespace smlt::models::tabular {
namespace {

// Measured on the tutorial's tables: an offset of 3 does little harm, one of 10 ends at the share of a class.
constexpr double kFarthestMean = 10;
// Columns a hundred times as wide are still learned, but a column a hundred times as wide as the others hides them.
constexpr double kLargestDeviation = 100;
constexpr double kLargestRatio = 100;
// Ten times as narrow they lose a few points, a hundred times as narrow they are not learned at all.
constexpr double kSmallestReach = 0.1;

constexpr size_t kShown = 3;

bool is_constant(const Scale& scale) { return scale.reach == 0; }

bool is_large(const Scale& scale) {
  return std::abs(scale.mean) > kFarthestMean || scale.deviation > kLargestDeviation;
}

// A column is judged narrow by its reach: a rare 1 among zeros has a small deviation but is not a small number.
std::vector<bool> asking_columns(std::span<const Scale> scales) {
  double widest = 0;
  double farthest = 0;
  for (const Scale& scale : scales) {
    widest = std::max(widest, scale.deviation);
    farthest = std::max(farthest, scale.reach);
  }
  std::vector<bool> asking;
  for (const Scale& scale : scales) {
    const bool is_narrow = farthest < kSmallestReach || scale.reach * kLargestRatio < widest;
    asking.push_back(is_large(scale) || (!is_constant(scale) && is_narrow));
  }
  return asking;
}

// Calls `visit(row)` with the first number of each row, in their order.
template <typename Visit>
void for_each_row(const at::Tensor& rows, const Visit& visit) {
  const float* row = rows.const_data_ptr<float>();
  for (int64_t i = 0; i < rows.size(0); ++i, row += rows.stride(0)) visit(row);
}

// And reaches.
std::vector<Scale> means_of(const at::Tensor& rows) {
  const auto columns = static_cast<size_t>(rows.size(1));
  const float* first = rows.const_data_ptr<float>();
  std::vector<double> sums(columns);
  std::vector<float> lows(first, first + columns), highs = lows;
  for_each_row(rows, [&](const float* row) {
    for (size_t c = 0; c < columns; ++c) {
      sums[c] += static_cast<double>(row[c]);
      lows[c] = std::min(lows[c], row[c]);
      highs[c] = std::max(highs[c], row[c]);
    }
  });
  std::vector<Scale> scales(columns);
  for (size_t c = 0; c < columns; ++c) {
    const auto low = static_cast<double>(lows[c]), high = static_cast<double>(highs[c]);
    Scale& scale = scales[c];
    scale.mean = std::clamp(sums[c] / static_cast<double>(rows.size(0)), low, high);  // exact if all are equal
    scale.reach = std::max(high - scale.mean, scale.mean - low);
  }
  return scales;
}

void add_deviations(std::vector<Scale>& scales, const at::Tensor& rows) {
  std::vector<double> means, squares(scales.size());
  for (const Scale& scale : scales) means.push_back(scale.mean);
  for_each_row(rows, [&](const float* row) {
    for (size_t c = 0; c < means.size(); ++c) {
      const double distance = static_cast<double>(row[c]) - means[c];
      squares[c] += distance * distance;
    }
  });
  for (size_t c = 0; c < scales.size(); ++c) {
    scales[c].deviation = std::sqrt(squares[c] / static_cast<double>(rows.size(0)));
  }
}

}  // namespace

std::vector<Scale> column_scales(const at::Tensor& rows) {
  const at::Tensor dense = rows.stride(1) == 1 ? rows : rows.contiguous();
  std::vector<Scale> scales = means_of(dense);
  add_deviations(scales, dense);
  return scales;
}

std::optional<std::string> unlike_columns(std::span<const Scale> scales, std::span<const std::string> names) {
  const std::vector<bool> asking = asking_columns(scales);
  std::vector<std::string> phrases;
  for (size_t c = 0; c < scales.size(); ++c) {
    if (!asking[c]) continue;
    phrases.push_back(fmt::format("{} (mean {:.3g}, deviation {:.3g})", names[c], scales[c].mean, scales[c].deviation));
  }
  return phrases.empty() ? std::nullopt : std::optional(listed_few(phrases, kShown));
}

std::optional<std::string> coarse_column(std::span<const Scale> scales, std::span<const std::string> names) {
  constexpr double kFewestSteps = 16;
  for (size_t c = 0; c < scales.size(); ++c) {
    const auto mean = static_cast<float>(std::abs(scales[c].mean));
    const double step = static_cast<double>(std::nextafter(mean, std::numeric_limits<float>::max()) - mean);
    if (!(step > 1) || scales[c].reach >= kFewestSteps * step) continue;
    return fmt::format(
        "The numbers of {} (mean {:.3g}) are kept as float32, in steps of {:.3g}, and are nearly equal then; subtract "
        "an offset from them.",
        names[c], scales[c].mean, step);
  }
  return std::nullopt;
}

data::Scaling scaling_of(std::span<const Scale> scales) {
  std::vector<float> means, deviations;
  for (const Scale& scale : scales) {
    const auto deviation = static_cast<float>(scale.deviation);
    means.push_back(static_cast<float>(scale.mean));
    deviations.push_back(deviation > 0 ? deviation : 1);
  }
  return {torch::tensor(means), torch::tensor(deviations)};
}

}  // namespace smlt::models::tabular
