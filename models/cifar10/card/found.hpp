#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cards/found.hpp"
#include "datasets/cifar_data.hpp"
#include "platform/channel.hpp"

namespace smlt::models::cifar10 {

/// Where CIFAR is in a job's channels.
class Found : public cards::Found {
 public:
  Found(std::span<const platform::Channel> channels, datasets::Looks& looks);

  /// Takes what is in `training` (or `train`), and in `validation` (or `test`) if there is such a channel. A set that
  /// is in a channel twice (folder and archive, pickles and binary) counts once, and the folder is used. Throws
  /// UserError without a set to train on, if a channel holds two sets, or if the channels differ in classes.
  void choose(const settings::Settings& settings) override;

  struct Chosen {
    datasets::CifarReading training;
    std::optional<datasets::CifarReading> evaluation;  // nullopt: the test batch of `training`, if it has one
  };
  Chosen& chosen() { return chosen_.value(); }  // after choose

 private:
  const datasets::CifarPlace& only_kind(const platform::Channel& channel) const;
  datasets::CifarReading reading_of(const platform::Channel& channel, int64_t threads) const;

  std::vector<platform::Channel> channels_;
  std::map<std::string, std::vector<datasets::CifarPlace>> places_;  // by channel
  std::optional<Chosen> chosen_;
};

}  // namespace smlt::models::cifar10
