#include "serve/meter.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "http/prometheus.hpp"

namespace smlt::serve {

void Meter::add_run(int64_t rows, double seconds) {
  const auto* bucket = std::lower_bound(kSizes.begin(), kSizes.end(), static_cast<double>(rows));
  ++runs_[static_cast<size_t>(bucket - kSizes.begin())];
  rows_ += rows;
  nanoseconds_ += static_cast<int64_t>(seconds * 1e9);
}

std::string Meter::text(size_t waiting, int64_t weight_bytes) const {
  constexpr const char* kBatch = "smlt_batch_rows";
  std::string text =
      http::metric("smlt_queue_length", "gauge", "Requests that wait for a prediction.", std::to_string(waiting));
  text += http::metric("smlt_turned_away_total", "counter",
                       "Requests refused because the queue was full or they waited too long.",
                       std::to_string(turned_away_));
  text += http::metric("smlt_prediction_seconds_total", "counter", "Time in the network, over all workers.",
                       fmt::format("{:.6f}", static_cast<double>(nanoseconds_) * 1e-9));
  text +=
      http::metric("smlt_model_weight_bytes", "gauge", "Bytes of the model's weights.", std::to_string(weight_bytes));
  const std::vector<uint64_t> runs(runs_.begin(), runs_.end());
  text += http::metric_header(kBatch, "histogram", "Rows that go through the network together.");
  return text + http::histogram_samples(kBatch, "", kSizes, runs, std::to_string(rows_));
}

}  // namespace smlt::serve
