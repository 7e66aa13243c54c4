#pragma once

#include <functional>
#include <span>

#include "platform/channel.hpp"

namespace smlt::platform {

/// The channels of a job whose data comes as a part to train on and, perhaps, a part to evaluate on.
struct DataChannels {
  const Channel* training = nullptr;    // `training` or `train`
  const Channel* evaluation = nullptr;  // `validation` or `test`; null where the job has neither
};

/// Of the channels of those names the first whose directory `holds_data`. Throws UserError where none holds data to
/// train on, or where there is a channel to evaluate on and none of them holds any; `what` is the data's name in the
/// plural ("IDX images and labels").
DataChannels choose_data_channels(std::span<const Channel> channels, const char* what,
                                  const std::function<bool(const std::filesystem::path&)>& holds_data);

}  // namespace smlt::platform
