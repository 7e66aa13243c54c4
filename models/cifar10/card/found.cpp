#include "models/cifar10/card/found.hpp"

#include <string>

#include "base/error.hpp"
#include "base/text.hpp"
#include "platform/data_channels.hpp"

namespace smlt::models::cifar10 {

using datasets::CifarPlace;
using datasets::CifarReading;

Found::Found(std::span<const platform::Channel> channels, datasets::Looks& looks)
    : channels_(channels.begin(), channels.end()) {
  for (const platform::Channel& channel : channels_) {
    for (const CifarPlace& place : places_[channel.name] = datasets::find_cifar(channel.path, looks)) {
      add(channel.name, place.title() + " in " + place.path.lexically_relative(channel.path).string());
    }
  }
}

void Found::choose(const settings::Settings& settings) {
  const int64_t threads = settings.integer("workers");
  const auto [training, evaluation] = platform::choose_data_channels(
      channels_, "CIFAR batches",
      [this](const platform::Channel& channel) { return !places_.at(channel.name).empty(); });
  chosen_.emplace(Chosen{only_place(*training, threads), std::nullopt});
  if (evaluation == nullptr) return;
  chosen_->evaluation = only_place(*evaluation, threads);
  const CifarPlace &to_train = chosen_->training.place, &to_evaluate = chosen_->evaluation->place;
  if (to_evaluate.classes == to_train.classes) return;
  throw UserError("Expected {} in channel {} as in channel {}, found {}.", to_train.title(),
                  in_quotes(evaluation->name), in_quotes(training->name), to_evaluate.title());
}

CifarReading Found::only_place(const platform::Channel& channel, int64_t threads) const {
  const std::vector<CifarPlace>& places = places_.at(channel.name);
  CifarReading first(places[0], threads);
  for (const CifarPlace& place : std::span(places).subspan(1)) {
    if (datasets::is_same_cifar(first, place)) continue;
    throw UserError("Expected one data set in channel {}, found {} in {} and another {} in {}; keep one of them.",
                    in_quotes(channel.name), places[0].title(), in_quotes(places[0].path.native(), 200), place.title(),
                    in_quotes(place.path.native(), 200));
  }
  return first;
}

}  // namespace smlt::models::cifar10
