#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cards/found.hpp"
#include "datasets/idx_folder.hpp"
#include "platform/channel.hpp"

namespace smlt::models::mnist {

/// The IDX files in a job's channels.
class Found : public cards::Found {
 public:
  Found(std::span<const platform::Channel> channels, datasets::Looks& looks);

  /// Which pair of files is for training and which for evaluation: in the channel `training` (or `train`) by their
  /// names, in `validation` (or `test`) under any name. Throws UserError if there is no training pair, if more than one
  /// qualifies, or if images have no labels.
  void choose(const settings::Settings& settings) override;

  struct Chosen {
    datasets::IdxReading train;
    std::optional<datasets::IdxReading> test;  // nullopt if there is nothing to evaluate on
  };
  Chosen& chosen() { return chosen_.value(); }  // after choose

 private:
  std::vector<datasets::IdxPair> pairs_in(const platform::Channel& channel) const;
  std::optional<datasets::IdxPair> evaluation_pair(const platform::Channel& channel) const;

  std::vector<platform::Channel> channels_;
  std::map<std::string, datasets::IdxFolder> folders_;  // by channel
  std::optional<Chosen> chosen_;
};

}  // namespace smlt::models::mnist
