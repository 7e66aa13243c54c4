// What every registered model's card must be, and that the lines its model prints are those that the card describes.
#include <algorithm>
#include <regex>
#include <set>

#include "cards/card.hpp"
#include "cards/metric_check.hpp"
#include "cards/metric_line.hpp"
#include "tests/catch.hpp"
#include "tests/models/subject.hpp"

using namespace smlt;
using test::Subject;

namespace {

const model::BatchFacts kBatch = {
    .epoch = 1, .epochs = 1, .batch = 2000, .batches = 4000, .step = 2000, .rows = 64, .rows_total = 1, .loss = 0.5};

// The settings for which a model may have other lines: the defaults, and log-interval if there is one.
std::vector<std::vector<settings::RawSetting>> settings_of_lines(const cards::Card& card) {
  std::vector<std::vector<settings::RawSetting>> all = {{}};
  const auto is_interval = [](const settings::Knob& knob) { return knob.is_called("log-interval"); };
  if (std::any_of(card.knobs.begin(), card.knobs.end(), is_interval)) all.push_back({{"log-interval", "10", "test"}});
  return all;
}

// The lines of a batch and an epoch.
std::vector<std::string> printed_lines(const model::Model& model, const model::EpochFacts& epoch) {
  std::vector<std::string> lines;
  for (const std::string& line : model.epoch_lines(epoch)) lines.push_back(line.substr(0, line.find('\n')));
  if (model.rhythm().steps > 0) lines.push_back(model.batch_line(kBatch));
  return lines;
}

bool is_read(const cards::Metric& metric, const std::vector<std::string>& lines) {
  const std::regex regex(metric.regex);
  return std::any_of(lines.begin(), lines.end(), [&](const auto& line) { return std::regex_search(line, regex); });
}

}  // namespace

TEST_CASE("Every model: knobs and metrics are documented and unambiguous", "[models]") {
  for (const cards::Card& card : cards::cards()) {
    INFO(card.name);
    const std::vector<settings::Knob> knobs = cards::all_knobs(card);
    for (const settings::Knob& knob : knobs) {
      INFO(knob.name());
      CHECK(knob.help().ends_with("."));
      CHECK(knob.parse(settings::to_text(knob.default_value()), "default") == knob.default_value());
      int called = 0;
      for (const settings::Knob& other : knobs) called += other.is_called(knob.name()) ? 1 : 0;
      CHECK(called == 1);
    }
    for (const cards::Metric& metric : cards::all_metrics(card)) CHECK_NOTHROW(std::regex(metric.regex));
  }
}

TEST_CASE("Every model: its regexes read its own lines, and each common metric only its own value", "[models]") {
  const model::EpochFacts facts = {.epoch = 2,
                                   .epochs = 3,
                                   .train_loss = 0.5,
                                   .samples_per_second = 1000,
                                   .validation = {.rows = 100, .correct = 90, .loss_sum = 25}};
  const cards::Metrics metrics = {
      {"train_loss", 0.5}, {"validation_loss", 0.25}, {"validation_accuracy", 0.9}, {"samples_per_second", 1000.0}};
  const std::string line = cards::metric_line(2, metrics);
  CHECK(line ==
        "epoch=2; train_loss=0.500000; validation_loss=0.250000; validation_accuracy=0.900000; "
        "samples_per_second=1000.000000;");
  for (const auto& [name, value] : metrics) {
    std::smatch match;
    REQUIRE(std::regex_search(line, match, std::regex(cards::metric_regex(name))));
    CHECK(std::stod(match[1]) == value);
    for (const auto& [other, ignored] : metrics) CHECK((other == name || !other.ends_with(name)));
  }
  for (const cards::Card& card : cards::cards()) {
    INFO(card.name);
    std::vector<std::string> lines;
    for (const auto& raw : settings_of_lines(card)) {
      for (const std::string& text : printed_lines(*Subject{card, 1, raw}.model, facts)) lines.push_back(text);
    }
    for (const cards::Metric& metric : card.metrics) CHECK(is_read(metric, lines));
  }
}

TEST_CASE("Every model: the sample lines of its card have the form that it prints", "[models]") {
  const auto form = [](const std::string& line) { return std::regex_replace(line, std::regex("[0-9]+"), "N"); };
  const model::EpochFacts epoch = {.epoch = 1, .epochs = 1, .validation = {.rows = 100, .correct = 90, .loss_sum = 25}};
  for (const cards::Card& card : cards::cards()) {
    INFO(card.name);
    std::vector<std::string> samples;
    for (const auto& raw : settings_of_lines(card)) {
      const Subject subject{card, 1, raw};
      std::set<std::string> printed = {form(cards::sample_lines(card, subject.settings).back())};  // the common line
      for (const std::string& line : printed_lines(*subject.model, epoch)) printed.insert(form(line));
      for (const std::string& sample : cards::sample_lines(card, subject.settings)) {
        INFO(sample);
        CHECK(printed.contains(form(sample)));
        samples.push_back(sample);
      }
    }
    for (const cards::Metric& metric : cards::all_metrics(card)) CHECK(is_read(metric, samples));
  }
}
