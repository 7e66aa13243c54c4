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

/// Which of a job's images are taken, and for what.
struct Choice {
  std::vector<std::string> classes = {};  // by name or number; empty: all
  std::vector<std::string> exclude = {};
  std::vector<double> split = {0.6, 0.2, 0.2};
  uint64_t seed = 1;

  /// Throws UserError for a split that is none.
  static Choice of(const settings::Settings& settings);
};

struct Files {
  datasets::ImageFiles train;
  datasets::ImageFiles validation;  // the classes are those of `train`
  std::vector<std::string> notes;
  std::vector<std::filesystem::path> read;  // of the channels: images, those that are set aside or left out by name too
  std::optional<std::filesystem::path> weights;
};

/// The images of the channels 'train' (or 'training') and 'validation' (or 'test'); where there is the first alone, it
/// is split class by class. The file of weights is that of the channel 'pretrained'. Throws UserError when there are no
/// images to train on, for a class that is not there, is not among the training images or has nothing but pictures that
/// are not decoded, and for none or several files of weights.
/// PlatformError when a folder cannot be read.
Files choose_files(std::span<const platform::Channel> channels, const Choice& choice);

}  // namespace smlt::models::birds
