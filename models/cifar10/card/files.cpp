#include "models/cifar10/card/files.hpp"

#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/text.hpp"
#include "datasets/cifar_data.hpp"
#include "platform/data_channels.hpp"

namespace smlt::models::cifar10 {
namespace {

using datasets::CifarPlace;

CifarPlace only_place(const platform::Channel& channel) {
  const std::vector<CifarPlace> places = datasets::find_cifar(channel.path);
  for (const CifarPlace& place : places) {
    if (&place == &places[0] || datasets::is_same_cifar(places[0], place)) continue;
    throw UserError("Expected one data set in channel {}, found {} in {} and another {} in {}; keep one of them.",
                    in_quotes(channel.name), places[0].title(), in_quotes(places[0].path.native(), 200), place.title(),
                    in_quotes(place.path.native(), 200));
  }
  return places[0];
}

}  // namespace

Places choose_places(std::span<const platform::Channel> channels) {
  const auto [training, evaluation] = platform::choose_data_channels(
      channels, "CIFAR batches",
      [](const std::filesystem::path& channel) { return !datasets::find_cifar(channel).empty(); });
  Places places{only_place(*training), std::nullopt};
  if (evaluation == nullptr) return places;
  places.evaluation = only_place(*evaluation);
  if (places.evaluation->classes != places.training.classes) {
    throw UserError("Expected {} in channel {} as in channel {}, found {}.", places.training.title(),
                    in_quotes(evaluation->name), in_quotes(training->name), places.evaluation->title());
  }
  return places;
}

}  // namespace smlt::models::cifar10
