#pragma once

#include <optional>
#include <span>
#include <vector>

#include "datasets/idx_folder.hpp"
#include "platform/channel.hpp"

namespace smlt::models::mnist {

struct Files {
  datasets::IdxPair train;
  std::optional<datasets::IdxPair> test;
};

/// Which pair of IDX files is for training and which for evaluation: in the channel `training` (or `train`) by their
/// names, in `validation` (or `test`) whatever they are called. Throws UserError when there is no training pair, when
/// two could be it, or when images have no labels.
Files choose_files(std::span<const platform::Channel> channels);

/// The two or four files of it.
std::vector<std::filesystem::path> paths_of(const Files& files);

}  // namespace smlt::models::mnist
