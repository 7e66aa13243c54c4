#include "cards/choice.hpp"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "base/error.hpp"
#include "base/text.hpp"

namespace smlt::cards {

namespace fs = std::filesystem;
namespace {

using Channels = std::vector<platform::Channel>;

// What each model found.
std::vector<Finding> findings_in(const Channels& channels) {
  Channels data;
  std::copy_if(channels.begin(), channels.end(), std::back_inserter(data), [](const auto& it) { return it.is_data(); });
  std::vector<fs::path> folders;
  for (const platform::Channel& channel : data) folders.push_back(channel.path);
  const auto looks = std::make_shared<datasets::Looks>(std::move(folders));
  std::vector<Finding> findings;
  for (const Card& card : cards()) findings.push_back({card, card.find(data, looks)});
  return findings;
}

std::string understood() {
  std::vector<std::string> kinds;
  for (const Card& card : cards()) kinds.push_back(card.name + " (" + card.reads + ")");
  return listed(kinds, "or");
}

// The first few names in a directory, for an error that says what was found instead.
std::string contents(const fs::path& directory) {
  constexpr size_t kShown = 5;
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
    names.push_back(in_quotes(it->path().filename().native()));
  }
  if (error) return "a directory that cannot be listed: " + error.message();
  if (names.empty()) return "an empty directory";
  std::sort(names.begin(), names.end());
  return listed_few(names, kShown);
}

// What the data channels hold; `wanted` is what a channel with training data would hold.
std::string found_in(const std::vector<platform::Channel>& channels, const std::string& wanted) {
  std::vector<std::string> found;
  for (const platform::Channel& channel : channels) {
    if (channel.is_data())
      found.push_back(fmt::format("{} in channel {}", contents(channel.path), in_quotes(channel.name)));
  }
  if (!found.empty()) return listed(found);
  throw UserError(
      "Expected an input channel with training data, found no channel; add one called 'training' that holds {}.",
      wanted);
}

[[noreturn]] void refuse_nothing_found(const Channels& channels) {
  const std::string found = found_in(channels, understood());
  throw UserError("Found no data that a model here can train on; expected {}, found {}.", understood(), found);
}

bool is_found(const Finding& finding) { return !finding.found->data_sets().empty(); }

[[noreturn]] void refuse_no_data_for(const Card& card, const Channels& channels, const std::vector<Finding>& findings) {
  const std::string found = found_in(channels, card.reads);
  const auto other = std::find_if(findings.begin(), findings.end(), is_found);
  const std::string advice =
      other == findings.end()
          ? ""
          : fmt::format("; that is data for the model {}, so name that one or none", other->card.name);
  throw UserError("Expected {} for the model {}, found {}{}.", card.reads, card.name, found, advice);
}

void refuse_two_training_channels(const std::vector<Finding>& findings) {
  std::set<std::string> filled;
  for (const Finding& finding : findings) {
    for (const Found::DataSet& data : finding.found->data_sets()) filled.insert(data.channel);
  }
  if (filled.contains("train") && filled.contains("training")) {
    throw UserError(
        "Expected the training data in one channel, found data in both 'train' and 'training'; keep one of them.");
  }
}

void refuse_two_models(const std::vector<Finding>& findings) {
  if (std::count_if(findings.begin(), findings.end(), is_found) < 2) return;
  std::vector<std::string> phrases;
  for (const auto& [card, found] : findings) {
    for (const auto& [channel, what] : found->data_sets())
      phrases.push_back(fmt::format("{} ({}) in channel {}", card.name, what, in_quotes(channel)));
  }
  throw UserError(
      "Expected data for one model, found {}; remove the data that is not meant, or set the hyperparameter model.",
      listed(phrases));
}

}  // namespace

Finding choose_card(const std::string& wanted, const Channels& channels) {
  std::vector<Finding> findings = findings_in(channels);
  refuse_two_training_channels(findings);
  const Card* named = wanted == "auto" ? nullptr : &card_named(wanted);
  if (named == nullptr) refuse_two_models(findings);
  const auto is_wanted = [&](const Finding& finding) { return named == nullptr || &finding.card == named; };
  const auto first = [&](auto is_right) {
    return std::find_if(findings.begin(), findings.end(),
                        [&](const Finding& finding) { return is_wanted(finding) && is_right(finding); });
  };
  auto chosen = first(is_found);
  if (chosen == findings.end()) {
    chosen = first([&](const Finding& finding) { return finding.found->may_be_meant(named != nullptr); });
  }
  if (chosen != findings.end()) return std::move(*chosen);
  if (named != nullptr) refuse_no_data_for(*named, channels, findings);
  refuse_nothing_found(channels);
}

}  // namespace smlt::cards
