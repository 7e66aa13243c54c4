#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "platform/channel.hpp"

namespace smlt::data {

/// One log line for each channel with files that are not among `files`, for example
/// "Skipped: 3 .heic, 1 .txt, such as 'a/IMG_1.heic' in channel 'train'.". Files are counted by extension, at any
/// depth; dot files, `*-manifest`, torchvision's `processed` folder beside `raw`, and the channels `code` and
/// `sm_drivers` are not data and not counted (platform 2). Throws PlatformError for a folder that cannot be listed.
std::vector<std::string> skipped_lines(std::span<const platform::Channel> channels,
                                       std::span<const std::filesystem::path> files);

/// The line about files beside the channels in `data`, the folder input/data, which belong to no channel; nullopt if
/// there are none. Throws as above.
std::optional<std::string> skipped_beside_channels(const std::filesystem::path& data);

}  // namespace smlt::data
