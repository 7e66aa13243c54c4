#pragma once

#include <filesystem>
#include <string>

#include "datasets/image_folder.hpp"

namespace smlt::datasets {

inline constexpr size_t kLargestCubText = size_t{64} << 20;

/// The contents of classes.txt, image_class_labels.txt and images.txt.
struct CubTexts {
  std::string classes, labels, images;
};

/// The images that the three files list, below TREE/images; `tree` is where the files are. Throws as read_cub_tree
/// does.
ImageFiles listed_images(const CubTexts& texts, const std::filesystem::path& tree);

}  // namespace smlt::datasets
