#include "program/describe.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <cmath>

namespace smlt {
namespace json = boost::json;
namespace {

using settings::Knob;

const char* type_name(Knob::Type type) {
  switch (type) {
    case Knob::Type::kInteger:
      return "Integer";
    case Knob::Type::kReal:
      return "Continuous";
    case Knob::Type::kBoolean:
    case Knob::Type::kChoice:
      return "Categorical";
    case Knob::Type::kText:
    case Knob::Type::kList:
      return "FreeText";
  }
  return "FreeText";
}

// The API's ranges are texts with both ends, so a knob with an open end has no range.
std::optional<json::object> range_of(const Knob& knob) {
  const auto ends = [&](const char* kind) {
    const bool whole = knob.type() == Knob::Type::kInteger;
    const auto text = [&](double end) { return whole ? fmt::format("{:.0f}", end) : fmt::format("{}", end); };
    return json::object{{kind, {{"MinValue", text(knob.minimum())}, {"MaxValue", text(knob.maximum())}}}};
  };
  const bool closed = std::isfinite(knob.minimum()) && std::isfinite(knob.maximum());
  switch (knob.type()) {
    case Knob::Type::kInteger:
      return closed ? std::optional(ends("IntegerParameterRangeSpecification")) : std::nullopt;
    case Knob::Type::kReal:
      return closed ? std::optional(ends("ContinuousParameterRangeSpecification")) : std::nullopt;
    case Knob::Type::kBoolean:
      return json::object{{"CategoricalParameterRangeSpecification", {{"Values", {"true", "false"}}}}};
    case Knob::Type::kChoice:
      return json::object{{"CategoricalParameterRangeSpecification", {{"Values", json::value_from(knob.choices())}}}};
    case Knob::Type::kText:
    case Knob::Type::kList:
      return std::nullopt;
  }
  return std::nullopt;
}

json::object hyperparameter(const Knob& knob) {
  json::object out{{"Name", knob.name()}, {"Description", knob.help()}, {"Type", type_name(knob.type())}};
  if (auto range = range_of(knob)) out["Range"] = *range;
  out["IsTunable"] = knob.is_tunable();
  out["IsRequired"] = false;
  out["DefaultValue"] = settings::to_text(knob.default_value());
  return out;
}

json::object channel(const cards::ChannelUse& use) {
  return {{"Name", use.name},
          {"Description", use.help},
          {"IsRequired", use.required},
          {"SupportedContentTypes",
           use.content_types.empty() ? json::array{"application/octet-stream"} : json::value_from(use.content_types)},
          {"SupportedCompressionTypes", {"None"}},
          {"SupportedInputModes", {"File", "FastFile"}}};
}

std::vector<Knob> described_knobs(const cards::Card& card) {
  std::vector<Knob> knobs;
  for (const Knob& knob : cards::all_knobs(card)) {
    if (!knob.is_script_option()) knobs.push_back(knob);
  }
  return knobs;
}

}  // namespace

std::string description(const cards::Card& card) {
  std::string out = fmt::format("{}: {}\n\nData: {}.\n", card.name, card.summary, card.reads);
  for (const cards::ChannelUse& use : card.channels) {
    out += fmt::format("  {:<20} {}{}\n", use.name, use.help, use.required ? "" : " Optional.");
  }
  out += "\nHyperparameters (name, default, accepted values):\n";
  for (const Knob& knob : described_knobs(card)) {
    const std::string value = settings::to_text(knob.default_value());
    out += fmt::format("  {:<20} {:<10} {}\n{:34}{}\n", knob.name(), value.empty() ? "-" : value, knob.accepts(), "",
                       knob.help());
  }
  out += "\nMetrics (name, regex):\n";
  for (const cards::Metric& metric : cards::all_metrics(card))
    out += fmt::format("  {:<20} {}\n", metric.name, metric.regex);
  return out;
}

json::object training_specification(const cards::Card& card) {
  json::array knobs;
  for (const Knob& knob : described_knobs(card)) knobs.push_back(hyperparameter(knob));
  json::array metrics;
  json::array objectives;
  for (const cards::Metric& metric : cards::all_metrics(card)) {
    metrics.push_back({{"Name", metric.name}, {"Regex", metric.regex}});
    if (metric.goal == cards::Metric::Goal::kNone) continue;
    const char* type = metric.goal == cards::Metric::Goal::kMinimize ? "Minimize" : "Maximize";
    objectives.push_back({{"Type", type}, {"MetricName", metric.name}});
  }
  json::array channels;
  for (const cards::ChannelUse& use : card.channels) channels.push_back(channel(use));
  return {{"SupportedHyperParameters", std::move(knobs)},
          {"SupportsDistributedTraining", false},
          {"MetricDefinitions", std::move(metrics)},
          {"TrainingChannels", std::move(channels)},
          {"SupportedTuningJobObjectiveMetrics", std::move(objectives)}};
}

}  // namespace smlt
