#include "http/prometheus.hpp"

#include <fmt/format.h>

#include <cstddef>

namespace smlt::http {

std::string metric_header(std::string_view name, std::string_view type, std::string_view help) {
  return fmt::format("# HELP {0} {2}\n# TYPE {0} {1}\n", name, type, help);
}

std::string metric(std::string_view name, std::string_view type, std::string_view help, std::string_view value) {
  return metric_header(name, type, help) + fmt::format("{} {}\n", name, value);
}

std::string histogram_samples(std::string_view name, std::string_view label, std::span<const double> bounds,
                              std::span<const uint64_t> counts, std::string_view sum) {
  const std::string before = label.empty() ? "" : fmt::format("{},", label);
  const std::string alone = label.empty() ? "" : fmt::format("{{{}}}", label);
  std::string out;
  uint64_t total = 0;
  for (size_t i = 0; i < counts.size(); ++i) {
    total += counts[i];
    const std::string bound = i < bounds.size() ? fmt::format("{}", bounds[i]) : "+Inf";
    out += fmt::format("{}_bucket{{{}le=\"{}\"}} {}\n", name, before, bound, total);
  }
  return out + fmt::format("{0}_sum{1} {2}\n{0}_count{1} {3}\n", name, alone, sum, total);
}

}  // namespace smlt::http
