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
/// names, in `validation` (or `test`) under any name. Throws UserError if there is no training pair, if more than one
/// qualifies, or if images have no labels.
Files choose_files(std::span<const platform::Channel> channels);

/// Its two or four files.
std::vector<std::filesystem::path> paths_of(const Files& files);

}  // namespace smlt::models::mnist
