// Prometheus' text form (https://prometheus.io/docs/instrumenting/exposition_formats).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace smlt::http {

/// The lines HELP and TYPE ("counter", "gauge" or "histogram"), which the metric's samples follow.
std::string metric_header(std::string_view name, std::string_view type, std::string_view help);

/// A metric of one sample, the text `value`.
std::string metric(std::string_view name, std::string_view type, std::string_view help, std::string_view value);

/// The lines NAME_bucket{LABEL,le="..."}, NAME_sum{LABEL} and NAME_count{LABEL}; `label` is like `path="/ping"`, or "".
/// `bounds` are in rising order; `counts` has for each bound the number of values up to it and above the one
/// before, and last the number of values above all bounds.
std::string histogram_samples(std::string_view name, std::string_view label, std::span<const double> bounds,
                              std::span<const uint64_t> counts, std::string_view sum);

}  // namespace smlt::http
