#pragma once

#include <functional>
#include <span>
#include <string_view>

#include "platform/channel.hpp"

namespace smlt::platform {

/// The channels of a job whose data has a part to train on and, perhaps, a part to evaluate on.
struct DataChannels {
  const Channel* training = nullptr;    // `training` or `train`
  const Channel* evaluation = nullptr;  // `validation` or `test`; null if the job has neither
};

/// For each part, the first channel with such a name that `holds_data`. Throws UserError if none holds data
/// to train on, or if there are channels to evaluate on and none of them holds any; `what` is the data's name in the
/// plural ("IDX images and labels").
DataChannels choose_data_channels(std::span<const Channel> channels, const char* what,
                                  const std::function<bool(const Channel&)>& holds_data);

/// The channel with that name; null if there is none.
const Channel* channel_named(std::span<const Channel> channels, std::string_view name);

}  // namespace smlt::platform
