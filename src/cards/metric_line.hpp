#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "cards/card.hpp"

namespace smlt::cards {

/// Names and values in the order they are printed. No name ends with another name, because a regex for one would match
/// the other.
using Metrics = std::vector<std::pair<std::string, double>>;

/// The line that every model prints after each epoch: "epoch=3; train_loss=0.123456; ...", fixed notation, each value
/// ended by ';', which every style of regex in use reads correctly (platform 9). A value that is not finite is left
/// out.
std::string metric_line(int64_t epoch, const Metrics& metrics);

/// The regex that reads one metric from that line.
std::string metric_regex(const std::string& name);

/// The metrics of that line.
std::vector<Metric> common_metrics();

}  // namespace smlt::cards
