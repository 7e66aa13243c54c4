#include "cards/metric_line.hpp"

#include <fmt/format.h>

#include <cmath>

namespace smlt::cards {

std::string metric_line(int64_t epoch, const Metrics& metrics) {
  std::string line = fmt::format("epoch={};", epoch);
  for (const auto& [name, value] : metrics) {
    if (std::isfinite(value)) line += fmt::format(" {}={:.6f};", name, value);
  }
  return line;
}

std::string metric_regex(const std::string& name) { return name + "=(-?[0-9]+\\.[0-9]+);"; }

std::vector<Metric> common_metrics() {
  const auto metric = [](const std::string& name, Metric::Goal goal) { return Metric{name, metric_regex(name), goal}; };
  return {
      metric("train_loss", Metric::Goal::kMinimize),
      metric("validation_loss", Metric::Goal::kMinimize),
      metric("validation_accuracy", Metric::Goal::kMaximize),
      metric("samples_per_second", Metric::Goal::kNone),
  };
}

}  // namespace smlt::cards
