#pragma once

#include <string>
#include <vector>

#include "cards/card.hpp"

namespace smlt::cards {

/// Compares the job's own metric definitions with lines the model prints with these settings. `definitions` is the text
/// of metric-definition-regex.json, which the platform writes without documenting it: a list of {"Name", "Regex"},
/// alone or under "MetricDefinitions", or an object of names and regexes; anything else is ignored. Returns a warning
/// for each metric that no such line can match, naming the metric and never its regex: a quoted ".*Test accuracy:
/// (.*$)" matches itself.
std::vector<std::string> metric_warnings(const Card& card, const settings::Settings& settings,
                                         const std::string& definitions);

/// Lines as the model prints them with these settings: its card's samples and the common line of each epoch.
std::vector<std::string> sample_lines(const Card& card, const settings::Settings& settings);

}  // namespace smlt::cards
