#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "codec/array/array.hpp"
#include "datasets/looks.hpp"
#include "datasets/reading.hpp"

namespace smlt::datasets {

/// Images `[n, rows, columns]` and their labels `[n]` as two IDX files, plain or gzip.
struct IdxPair {
  std::filesystem::path images;
  std::filesystem::path labels;
  std::string name;  // what distinguishes it from its neighbours: "train-images-idx3-ubyte"
  std::shared_ptr<codec::ByteArray> read_labels = nullptr;  // if there was another pair of this name to compare with

  bool is_called_train() const { return name.find("train") != std::string::npos; }
  bool is_called_test() const {
    return name.find("t10k") != std::string::npos || name.find("test") != std::string::npos;
  }
};

/// What a channel holds in IDX files, recognised by content (by name if they are damaged): in its root, in raw/ and in
/// NAME/raw/ as torchvision lays them out.
struct IdxFolder {
  std::vector<IdxPair> pairs;                                // sorted by path; plain and .gz of the same file are one
  std::vector<std::filesystem::path> images_without_labels;  // no file called "labels" beside them
  std::vector<std::filesystem::path> labels_without_images;
  std::vector<std::filesystem::path> damaged;  // named like IDX files, but not readable as such

  bool empty() const {
    return pairs.empty() && images_without_labels.empty() && labels_without_images.empty() && damaged.empty();
  }
};

/// A set that is there twice (in the root and in raw/, for example, with equal labels) is listed once. Throws
/// PlatformError if a file or folder cannot be read; other files are not an error.
IdxFolder find_idx(const std::filesystem::path& channel, Looks& looks);

/// A pair whose files are being read.
struct IdxReading {
  explicit IdxReading(IdxPair files);

  IdxPair pair;
  Reading<codec::ByteArray> images, labels;  // which throw as read_idx does

  std::vector<std::filesystem::path> files() const { return {pair.images, pair.labels}; }
};

}  // namespace smlt::datasets
