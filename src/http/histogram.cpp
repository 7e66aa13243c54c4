#include "http/histogram.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "http/prometheus.hpp"

namespace smlt::http {

void Histogram::add(std::chrono::nanoseconds duration) {
  const double seconds = std::chrono::duration<double>(duration).count();
  const auto bound = std::lower_bound(kBounds.begin(), kBounds.end(), seconds);
  ++counts_[static_cast<size_t>(bound - kBounds.begin())];
  sum_ += seconds;
}

std::string Histogram::lines(std::string_view name, std::string_view label) const {
  return histogram_samples(name, label, kBounds, counts_, fmt::format("{:.6f}", sum_));
}

}  // namespace smlt::http
