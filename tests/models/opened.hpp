// Data opened the way a model does.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "cards/card.hpp"
#include "jobs/make_model.hpp"

namespace smlt::test {

inline platform::Channel channel(std::string name, std::filesystem::path path) {
  platform::Channel channel;
  channel.name = std::move(name);
  channel.path = std::move(path);
  return channel;
}

/// The registered model of that name with these settings.
inline std::unique_ptr<model::Model> made_model(const std::string& name,
                                                const std::vector<settings::RawSetting>& raw = {}) {
  const std::vector<settings::Knob> knobs = cards::all_knobs(cards::card_named(name));
  std::vector<std::string> warnings;
  return make_model(name, settings::Settings(knobs, raw, warnings));
}

/// The count of numbers in all parameters of a network.
inline int64_t size_of(const tensor::Net& net) {
  int64_t count = 0;
  for (const at::Tensor& parameter : net.parameters()) count += parameter.numel();
  return count;
}

/// What the model's card finds in the channels; it has chosen its data.
inline std::unique_ptr<cards::Found> found_by(const std::string& model, const std::vector<platform::Channel>& channels,
                                              const std::vector<settings::RawSetting>& raw = {}) {
  const cards::Card& card = cards::card_named(model);
  const std::vector<settings::Knob> knobs = cards::all_knobs(card);
  std::vector<std::string> warnings;
  std::vector<std::filesystem::path> folders;
  for (const platform::Channel& each : channels) folders.push_back(each.path);
  auto found = card.find(channels, std::make_shared<datasets::Looks>(folders));
  found->choose(settings::Settings(knobs, raw, warnings));
  return found;
}

/// The data that the model opens in the channels.
inline data::DataSet opened(const std::string& model, const std::vector<platform::Channel>& channels) {
  return made_model(model)->open({*found_by(model, channels)});
}

}  // namespace smlt::test
