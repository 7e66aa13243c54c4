#include "cards/metric_check.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <boost/regex.hpp>
#include <utility>

#include "base/text.hpp"
#include "cards/metric_line.hpp"

namespace smlt::cards {
namespace json = boost::json;
namespace {

struct Definition {
  std::string name;
  std::string regex;
};

std::string text_of(const json::value& value) { return value.is_string() ? std::string(value.get_string()) : ""; }

std::vector<Definition> from_list(const json::array& list) {
  std::vector<Definition> found;
  for (const json::value& item : list) {
    const json::object* entry = item.if_object();
    if (entry == nullptr || !entry->contains("Name") || !entry->contains("Regex")) continue;
    found.push_back({text_of(entry->at("Name")), text_of(entry->at("Regex"))});
  }
  return found;
}

std::vector<Definition> parsed(const std::string& text) {
  std::error_code error;  // a file in another format is not the user's mistake
  const json::value root = json::parse(text, error);
  if (error) return {};
  if (root.is_array()) return from_list(root.get_array());
  if (!root.is_object()) return {};
  if (const json::value* list = root.get_object().if_contains("MetricDefinitions");
      list != nullptr && list->is_array()) {
    return from_list(list->get_array());
  }
  std::vector<Definition> found;
  for (const auto& [name, regex] : root.get_object()) {
    if (regex.is_string()) found.push_back({std::string(name), text_of(regex)});
  }
  return found;
}

enum class Match { kYes, kNo, kUnreadable };

Match match(const std::string& regex, const std::vector<std::string>& lines) {
  try {
    const boost::regex expression(regex);
    const auto matches = [&](const std::string& line) { return boost::regex_search(line, expression); };
    return std::any_of(lines.begin(), lines.end(), matches) ? Match::kYes : Match::kNo;
  } catch (const std::exception&) {  // another regex dialect, or too slow: no reason to warn about matching
    return Match::kUnreadable;
  }
}

}  // namespace

std::vector<std::string> sample_lines(const Card& card, const settings::Settings& settings) {
  std::vector<std::string> lines;
  if (card.sample_lines != nullptr) lines = card.sample_lines(settings);
  Metrics metrics;
  for (const Metric& metric : common_metrics()) metrics.emplace_back(metric.name, 0.123456);
  lines.push_back(metric_line(1, metrics));
  return lines;
}

std::vector<std::string> metric_warnings(const Card& card, const settings::Settings& settings,
                                         const std::string& definitions) {
  std::vector<std::string> warnings;
  const std::vector<std::string> lines = sample_lines(card, settings);
  for (const Definition& definition : parsed(definitions)) {
    switch (match(definition.regex, lines)) {
      case Match::kYes:
        break;
      case Match::kNo:
        warnings.push_back("The metric " + in_quotes(definition.name) +
                           " will stay empty: its regex matches no line that model " + card.name +
                           " prints with these hyperparameters; see sagemaker-libtorch describe " + card.name +
                           " for regexes that do.");
        break;
      case Match::kUnreadable:
        warnings.push_back("The regex of the metric " + in_quotes(definition.name) +
                           " cannot be read here, so it was not checked.");
        break;
    }
  }
  return warnings;
}

}  // namespace smlt::cards
