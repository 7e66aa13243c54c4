#include "serve/meter.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace smlt::serve {
namespace {

std::string metric(std::string_view name, std::string_view kind, std::string_view help, std::string_view value) {
  return fmt::format("# HELP {0} {1}\n# TYPE {0} {2}\n{0} {3}\n", name, help, kind, value);
}

}  // namespace

void Meter::add_run(int64_t rows, double seconds) {
  const auto* bucket = std::lower_bound(kSizes.begin(), kSizes.end(), rows);
  ++runs_[static_cast<size_t>(bucket - kSizes.begin())];
  rows_ += rows;
  nanoseconds_ += static_cast<int64_t>(seconds * 1e9);
}

std::string Meter::text(size_t waiting, int64_t weight_bytes) const {
  constexpr const char* kBatch = "smlt_batch_rows";
  std::string text =
      metric("smlt_queue_length", "gauge", "Requests that wait for a prediction.", std::to_string(waiting));
  text += metric("smlt_turned_away_total", "counter",
                 "Requests refused because the queue was full or they waited too long.", std::to_string(turned_away_));
  text += metric("smlt_prediction_seconds_total", "counter", "Time in the network, over all workers.",
                 fmt::format("{:.6f}", static_cast<double>(nanoseconds_) * 1e-9));
  text += metric("smlt_model_weight_bytes", "gauge", "Bytes of the model's weights.", std::to_string(weight_bytes));
  text += fmt::format("# HELP {0} Rows that go through the network together.\n# TYPE {0} histogram\n", kBatch);
  int64_t runs = 0;
  for (size_t i = 0; i < runs_.size(); ++i) {
    runs += runs_[i];
    const std::string bound = i < kSizes.size() ? std::to_string(kSizes[i]) : "+Inf";
    text += fmt::format("{}_bucket{{le=\"{}\"}} {}\n", kBatch, bound, runs);
  }
  return text + fmt::format("{0}_sum {1}\n{0}_count {2}\n", kBatch, rows_.load(), runs);
}

}  // namespace smlt::serve
