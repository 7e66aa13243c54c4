#include "http/histogram.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace smlt::http {

void Histogram::add(std::chrono::nanoseconds duration) {
  const double seconds = std::chrono::duration<double>(duration).count();
  const auto bound = std::lower_bound(kBounds.begin(), kBounds.end(), seconds);
  ++counts_[static_cast<size_t>(bound - kBounds.begin())];
  sum_ += seconds;
}

std::string Histogram::lines(std::string_view name, std::string_view label) const {
  std::string out;
  uint64_t total = 0;
  for (size_t i = 0; i < kBounds.size(); ++i) {
    total += counts_[i];
    out += fmt::format("{}_bucket{{{},le=\"{}\"}} {}\n", name, label, kBounds[i], total);
  }
  total += counts_.back();
  out += fmt::format("{}_bucket{{{},le=\"+Inf\"}} {}\n", name, label, total);
  out += fmt::format("{}_sum{{{}}} {:.6f}\n{}_count{{{}}} {}\n", name, label, sum_, name, label, total);
  return out;
}

}  // namespace smlt::http
