#pragma once

#include <functional>
#include <span>
#include <string_view>

#include "platform/channel.hpp"

namespace smlt::platform {

using HoldsData = std::function<bool(const Channel&)>;

/// The channel to train on: the first of `training` and `train` that `holds_data`. Throws UserError if neither does;
/// `what` is the data's name in the plural ("IDX images and labels").
const Channel& training_channel(std::span<const Channel> channels, const char* what, const HoldsData& holds_data);

/// The channel to evaluate on: the first of `validation` and `test` that `holds_data`; null if the job has neither.
/// Throws UserError if it has one and none holds any.
const Channel* evaluation_channel(std::span<const Channel> channels, const char* what, const HoldsData& holds_data);

/// The channel with that name; null if the job lacks it.
const Channel* channel_named(std::span<const Channel> channels, std::string_view name);

}  // namespace smlt::platform
