#pragma once

#include <optional>
#include <span>

#include "datasets/cifar_folder.hpp"
#include "platform/channel.hpp"

namespace smlt::models::cifar10 {

struct Places {
  datasets::CifarPlace training;
  std::optional<datasets::CifarPlace> evaluation;  // nullopt: the test batch of `training`, if it has one
};

/// Where CIFAR is in the job's channels: in `training` (or `train`), and in `validation` (or `test`) if there is such a
/// channel. A set that is in a channel twice (folder and archive, pickles and binary) counts once, and the folder is
/// used. Throws UserError if there is none, if a channel holds two sets, or if the channels differ in classes.
Places choose_places(std::span<const platform::Channel> channels);

}  // namespace smlt::models::cifar10
