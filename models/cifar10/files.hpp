#pragma once

#include <optional>
#include <span>

#include "codec/cifar_folder.hpp"
#include "config/channel.hpp"

namespace smlt::models::cifar10 {

struct Places {
  codec::CifarPlace training;
  std::optional<codec::CifarPlace> evaluation;  // nothing: the test batch of `training`, where it has one
};

/// Where in the job's channels CIFAR is: in `training` (or `train`), and in `validation` (or `test`) where there is
/// such a channel. A set that lies in a channel twice (folder and archive, pickles and binary) is one, and the folder
/// is taken. Throws UserError when there is none, when a channel holds two sets, or when the channels differ in
/// classes.
Places choose_places(std::span<const config::Channel> channels);

}  // namespace smlt::models::cifar10
