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

/// Begins to read the files of the channels, if the model's card does that.
inline void read_ahead(const std::string& model, const std::vector<platform::Channel>& channels,
                       datasets::ReadAhead& files, const std::vector<settings::RawSetting>& raw = {}) {
  const cards::Card& card = cards::card_named(model);
  const std::vector<settings::Knob> knobs = cards::all_knobs(card);
  std::vector<std::string> warnings;
  if (card.read_ahead != nullptr) card.read_ahead(settings::Settings(knobs, raw, warnings), channels, files);
}

/// The data the model opens in the channels, with files read ahead if its card does that.
inline data::DataSet opened(const std::string& model, const std::vector<platform::Channel>& channels) {
  datasets::ReadAhead files;
  read_ahead(model, channels, files);
  return made_model(model)->open({channels, files});
}

}  // namespace smlt::test
