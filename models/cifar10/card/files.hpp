#pragma once

#include <optional>
#include <span>

#include "datasets/cifar_folder.hpp"
#include "platform/channel.hpp"

namespace smlt::models::cifar10 {

struct Places {
  datasets::CifarPlace training;
  std::optional<datasets::CifarPlace> evaluation;  // nothing: the test batch of `training`, where it has one
};

/// Where in the job's channels CIFAR is: in `training` (or `train`), and in `validation` (or `test`) where there is
/// such a channel. A set that lies in a channel twice (folder and archive, pickles and binary) is one, and the folder
/// is taken. Throws UserError when there is none, when a channel holds two sets, or when the channels differ in
/// classes.
Places choose_places(std::span<const platform::Channel> channels);

}  // namespace smlt::models::cifar10
