#pragma once

#include <ATen/core/Tensor.h>

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "codec/array/array.hpp"
#include "datasets/image_folder.hpp"
#include "image/augment.hpp"
#include "image/image.hpp"
#include "image/one_colour.hpp"

namespace smlt::image {

/// Memory for decoded images, shared by the stores of a job.
class ImageMemory {
 public:
  explicit ImageMemory(int64_t bytes) : left_(bytes) {}

  /// The share of what this process may use (machine::usable_memory) that images may fill.
  static constexpr double kShare = 0.3;
  static ImageMemory of_this_machine();

  bool take(int64_t bytes);

 private:
  std::atomic<int64_t> left_;
};

/// Image files, decoded once, in parallel, and kept as uint8 pixels as long as memory is given; the others are decoded
/// again whenever they are asked for, to the same bits. What came out of an archive is held as it was there until it is
/// kept decoded.
class ImageStore {
 public:
  using File = datasets::ImageFiles::File;
  struct Options {
    int64_t decoded_side = 0;                                     // codec::decode_image's `shorter_side`
    std::function<at::Tensor(const codec::Image&)> prepare = {};  // uint8 [1, C, H, W] in memory of its own
  };
  struct Refused {
    int64_t row;
    std::string reason;       // a sentence
    std::string format = {};  // of a picture that is whole perhaps but of a format that is not decoded: "WebP"
  };

  explicit ImageStore(Options options) : options_(std::move(options)) {}

  /// Decodes these files, and appends those that can be decoded; returns the others, with rows as in `files`. After
  /// more than `most_refused` that are damaged the rest is not looked at, and the store is not to be used. Throws
  /// PlatformError for a file that is there and cannot be read.
  std::vector<Refused> add(const std::vector<File>& files, ImageMemory& memory,
                           int64_t most_refused = std::numeric_limits<int64_t>::max());

  /// uint8 [1, C, H, W]. From any thread. Throws as the decoder does for a file that has changed meanwhile.
  at::Tensor image(int64_t row) const;

  int64_t size() const { return static_cast<int64_t>(files_.size()); }
  int64_t kept() const;        // images in memory
  int64_t kept_bytes() const;  // their pixels

  /// Of all that were added; the example is the name of a file.
  const OneColour& one_coloured() const { return one_coloured_; }

 private:
  struct Outcome;
  Outcome try_to_decode(const File& file, ImageMemory& memory) const;
  codec::Image decoded(const File& file, std::span<const uint8_t> bytes) const;

  Options options_;
  std::vector<File> files_;
  std::vector<at::Tensor> pixels_;  // a row each, undefined where it is not kept
  OneColour one_coloured_;
};

/// The given rows as the network takes them: float `[rows, C, H, W]`, channels last in memory, all of one size.
at::Tensor image_batch(const ImageStore& store, const at::Tensor& rows, const ImageSpec& spec);

/// The same, each row with the augmentation that is drawn for its place in this step (tensor::RandomScope).
at::Tensor augmented_batch(const ImageStore& store, const at::Tensor& rows, const AugmentSpec& augment,
                           const ImageSpec& spec);

}  // namespace smlt::image
