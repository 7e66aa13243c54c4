#include "serve/precision.hpp"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace smlt::serve {
namespace {

constexpr double kMostDifference = 0.1;

// NaN if one of the values is NaN, which std::max would hide.
double larger_or_nan(double a, double b) { return std::isnan(a) || a > b ? a : b; }

double largest_of(const at::Tensor& tensor) { return tensor.numel() == 0 ? 0 : tensor.abs().max().item<double>(); }

}  // namespace

double largest_difference(std::span<const at::Tensor> expected, std::span<const at::Tensor> found) {
  double difference = 0;
  for (size_t i = 0; i < expected.size(); ++i) {
    if (expected[i].sizes() != found[i].sizes()) return std::numeric_limits<double>::infinity();
    difference = larger_or_nan(difference, largest_of(expected[i] - found[i]));
  }
  return difference;
}

bool is_tolerable(double difference, std::span<const at::Tensor> expected) {
  double scale = 1;
  for (const at::Tensor& each : expected) scale = std::max(scale, largest_of(each));
  return std::isfinite(difference) && difference <= kMostDifference * scale;
}

}  // namespace smlt::serve
