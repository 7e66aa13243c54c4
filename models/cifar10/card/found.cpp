#include "models/cifar10/card/found.hpp"

#include <string>
#include <utility>

#include "base/error.hpp"
#include "base/text.hpp"
#include "platform/data_channels.hpp"

namespace smlt::models::cifar10 {

using datasets::CifarPlace;
using datasets::CifarReading;

namespace {

[[noreturn]] void refuse_two(const platform::Channel& channel, const CifarPlace& a, const CifarPlace& b) {
  throw UserError("Expected one data set in channel {}, found {} in {} and another {} in {}; keep one of them.",
                  in_quotes(channel.name), a.title(), in_quotes(a.path.native(), 200), b.title(),
                  in_quotes(b.path.native(), 200));
}

}  // namespace

Found::Found(std::span<const platform::Channel> channels, datasets::Looks& looks)
    : channels_(channels.begin(), channels.end()) {
  for (const platform::Channel& channel : channels_) {
    std::vector<CifarPlace> places = datasets::find_cifar(channel.path, looks);
    for (const CifarPlace& place : places) {
      add(channel.name, place.title() + " in " + place.path.lexically_relative(channel.path).string());
    }
    places_.emplace(channel.name, std::move(places));
  }
}

void Found::choose(const settings::Settings& settings) {
  constexpr const char* kWhat = "CIFAR batches";
  const auto holds = [this](const platform::Channel& channel) { return !places_.at(channel.name).empty(); };
  const platform::Channel& training = platform::training_channel(channels_, kWhat, holds);
  const platform::Channel* evaluation = platform::evaluation_channel(channels_, kWhat, holds);
  const CifarPlace& to_train = only_kind(training);
  if (evaluation != nullptr && only_kind(*evaluation).classes != to_train.classes) {
    throw UserError("Expected {} in channel {} as in channel {}, found {}.", to_train.title(),
                    in_quotes(evaluation->name), in_quotes(training.name), only_kind(*evaluation).title());
  }
  const int64_t threads = settings.integer("workers");
  chosen_.emplace(Chosen{reading_of(training, threads), std::nullopt});
  if (evaluation != nullptr) chosen_->evaluation = reading_of(*evaluation, threads);
}

// The first place of the channel, if all have as many classes.
const CifarPlace& Found::only_kind(const platform::Channel& channel) const {
  const std::vector<CifarPlace>& places = places_.at(channel.name);
  for (const CifarPlace& place : places) {
    if (place.classes != places[0].classes) refuse_two(channel, places[0], place);
  }
  return places[0];
}

CifarReading Found::reading_of(const platform::Channel& channel, int64_t threads) const {
  const std::vector<CifarPlace>& places = places_.at(channel.name);
  CifarReading first(places[0], threads);
  for (const CifarPlace& place : std::span(places).subspan(1)) {
    if (!datasets::is_same_cifar(first, place)) refuse_two(channel, places[0], place);
  }
  return first;
}

}  // namespace smlt::models::cifar10
