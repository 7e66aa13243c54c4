#include "cards/card.hpp"

#include <algorithm>
#include <set>

#include "base/error.hpp"
#include "base/text.hpp"
#include "cards/registry.hpp"
#include "platform/job.hpp"

namespace smlt::cards {

namespace fs = std::filesystem;
namespace {

struct Find {
  const Card* card;
  const platform::Channel* channel;
  std::string what;
};

std::vector<Find> finds_of(const std::vector<platform::Channel>& channels) {
  std::vector<Find> finds;
  for (const platform::Channel& channel : channels) {
    if (!channel.is_data()) continue;
    for (const Card& card : cards()) {
      for (std::string& what : card.finds(channel.path)) finds.push_back({&card, &channel, std::move(what)});
    }
  }
  return finds;
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

[[noreturn]] void refuse_nothing_found(const std::vector<platform::Channel>& channels) {
  const std::string found = found_in(channels, understood());
  throw UserError("Found no data that a model here can train on; expected {}, found {}.", understood(), found);
}

[[noreturn]] void refuse_no_data_for(const Card& card, const std::vector<platform::Channel>& channels,
                                     const std::vector<Find>& finds) {
  const std::string found = found_in(channels, card.reads);
  const std::string advice =
      finds.empty() ? ""
                    : fmt::format("; that is data for the model {}, so name that one or none", finds[0].card->name);
  throw UserError("Expected {} for the model {}, found {}{}.", card.reads, card.name, found, advice);
}

// If no data clearly belongs to a model: the model whose data it may be meant to be.
const Card& likely_card(const Card* named, const std::vector<platform::Channel>& channels,
                        const std::vector<Find>& finds) {
  for (const Card& card : cards()) {
    if (card.may_hold == nullptr || (named != nullptr && &card != named)) continue;
    const auto may_hold = [&](const auto& channel) {
      return channel.is_data() && card.may_hold(channel.path, named != nullptr);
    };
    if (std::any_of(channels.begin(), channels.end(), may_hold)) return card;
  }
  if (named != nullptr) refuse_no_data_for(*named, channels, finds);
  refuse_nothing_found(channels);
}

void refuse_two_training_channels(const std::vector<Find>& finds) {
  const auto filled = [&](const char* name) {
    return std::any_of(finds.begin(), finds.end(), [&](const Find& find) { return find.channel->name == name; });
  };
  if (filled("train") && filled("training")) {
    throw UserError(
        "Expected the training data in one channel, found data in both 'train' and 'training'; keep one of them.");
  }
}

}  // namespace

const std::vector<Card>& cards() {
  static const std::vector<Card> all = {
#define SMLT_MODEL(folder) models::folder##_card(),
#include "models/registry.inc"
#undef SMLT_MODEL
  };
  return all;
}

const Card& card_named(const std::string& name) {
  std::vector<std::string> known;
  for (const Card& card : cards()) {
    if (folded(name) == folded(card.name)) return card;
    known.push_back(card.name);
    for (const std::string& alias : card.aliases) {
      if (folded(name) == folded(alias)) return card;
    }
  }
  throw UserError("Expected the name of a model ({}), found {}; a job's default, auto, decides by its data.",
                  listed(known, "or"), in_quotes(name));
}

const Card& choose_card(const std::string& wanted, const std::vector<platform::Channel>& channels) {
  const std::vector<Find> finds = finds_of(channels);
  refuse_two_training_channels(finds);
  const Card* named = wanted == "auto" ? nullptr : &card_named(wanted);
  const auto is_named = [&](const Find& find) { return named == nullptr || find.card == named; };
  if (std::none_of(finds.begin(), finds.end(), is_named)) return likely_card(named, channels, finds);
  if (named != nullptr) return *named;
  std::set<const Card*> kinds;
  std::vector<std::string> phrases;
  for (const Find& find : finds) {
    kinds.insert(find.card);
    phrases.push_back(fmt::format("{} ({}) in channel {}", find.card->name, find.what, in_quotes(find.channel->name)));
  }
  if (kinds.size() > 1) {
    throw UserError(
        "Expected data for one model, found {}; remove the data that is not meant, or set the hyperparameter model.",
        listed(phrases));
  }
  return *finds.front().card;
}

}  // namespace smlt::cards
