#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "datasets/image_folder.hpp"
#include "models/birds/card/found.hpp"
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

/// Takes what was found: images to train and to evaluate on; those to train on alone are split class by class. Throws
/// what listing them throws, and UserError without images to train on, and for a class that does not exist, is not
/// among the training images or has only pictures that are not decoded.
Files choose_files(Found::Chosen& found, const Choice& choice);

}  // namespace smlt::models::birds
