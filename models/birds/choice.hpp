#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "datasets/image_folder.hpp"
#include "platform/channel.hpp"
#include "settings/settings.hpp"

namespace smlt::models::birds {

/// Which of a job's images are used, and for what.
struct Choice {
  std::vector<std::string> classes = {};  // by name or number; empty: all
  std::vector<std::string> exclude = {};
  std::vector<double> split = {0.6, 0.2, 0.2};
  uint64_t seed = 1;

  /// Throws UserError for an invalid split.
  static Choice of(const settings::Settings& settings);
};

struct Files {
  datasets::ImageFiles train;
  datasets::ImageFiles validation;  // the classes are those of `train`
  std::vector<std::string> notes;
  std::vector<std::filesystem::path> read;  // from the channels: images, including those set aside or left out by name
  std::optional<std::filesystem::path> weights;
};

/// The images of the channels 'train' (or 'training') and 'validation' (or 'test'); if there is only the first, it is
/// split class by class. The weights file is the one in the channel 'pretrained'. Throws UserError if there are no
/// images to train on, for a class that does not exist, is not among the training images or has only pictures that are
/// not decoded, and unless there is exactly one weights file. Throws PlatformError if a folder cannot be read.
Files choose_files(std::span<const platform::Channel> channels, const Choice& choice);

}  // namespace smlt::models::birds
