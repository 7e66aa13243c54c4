// Room data: data sets for training, in memory or (for sets that do not fit) streamed. Knows channels, codecs and
// tensors.
#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "image/image.hpp"

namespace smlt::image {
class ImageStore;
}

namespace smlt::data {

/// One part of a data set.
struct Split {
  at::Tensor inputs;   // [n, ...], as small as the data allows: uint8 pixels stay uint8
  at::Tensor targets;  // int64 [n], class numbers
  std::shared_ptr<const image::ImageStore> images = nullptr;  // if images have many sizes or are too many for memory
  at::Tensor features = {};  // float [n, F]: what a frozen trunk makes of each row, while the model keeps it

  int64_t size() const { return targets.defined() ? targets.size(0) : 0; }
};

/// What a network subtracts from each column of a table, and what it then divides by: float `[columns]` each.
struct Scaling {
  at::Tensor mean;
  at::Tensor deviation;
};

/// What a job trains on.
struct DataSet {
  Split train;
  Split validation;                 // empty if the job has none
  std::vector<std::string> labels;  // one name per class
  image::ImageSpec image;           // for image data

  /// Names, sizes and counts of what was read, readable by people: "a.csv, 1234 bytes, 6400 rows; ...". A checkpoint
  /// belongs to data with the same fingerprint.
  std::string fingerprint;

  std::optional<Scaling> scaling = {};                // of a table's columns, if the network is to scale them
  std::optional<std::filesystem::path> weights = {};  // a file of pretrained weights, if the job has one

  /// Files of the channels that were read, or left out for a reason that the log gives; the job counts all others as
  /// skipped.
  std::vector<std::filesystem::path> files = {};
};

/// Rows of a split, ready for the network.
struct Batch {
  at::Tensor inputs;            // float [rows, ...]
  at::Tensor targets;           // int64 [rows]
  bool holds_features = false;  // the inputs are a frozen trunk's features

  int64_t size() const { return targets.size(0); }
  Batch to(c10::Device device) const { return {inputs.to(device), targets.to(device), holds_features}; }
};

}  // namespace smlt::data
