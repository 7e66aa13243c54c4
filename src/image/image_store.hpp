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

  /// The share of this process's memory (machine::usable_memory) that images may fill.
  static constexpr double kShare = 0.3;
  static ImageMemory of_this_machine();

  bool take(int64_t bytes);

 private:
  std::atomic<int64_t> left_;
};

/// Image files, decoded once, in parallel, and kept as uint8 pixels while the memory lasts; the others are decoded
/// again on every request, to the same bits. An image from an archive is held in its compressed form until it is kept
/// decoded.
class ImageStore {
 public:
  using File = datasets::ImageFiles::File;
  struct Options {
    int64_t decoded_side = 0;                                     // codec::decode_image's `shorter_side`
    std::function<at::Tensor(const codec::Image&)> prepare = {};  // uint8 [1, C, H, W] in its own memory
  };
  struct Refused {
    int64_t row;
    std::string reason;       // a sentence
    std::string format = {};  // of a picture that may be intact but has a format that is not decoded: "WebP"
  };

  explicit ImageStore(Options options) : options_(std::move(options)) {}

  /// Decodes these files and appends those that can be decoded; returns the others, with rows as in `files`. If more
  /// than `most_refused` are damaged, the rest are not read, and the store must not be used. Throws PlatformError for
  /// an existing file that cannot be read.
  std::vector<Refused> add(const std::vector<File>& files, ImageMemory& memory,
                           int64_t most_refused = std::numeric_limits<int64_t>::max());

  /// uint8 [1, C, H, W]. Callable from any thread. Throws as the decoder does for a file that has changed meanwhile.
  at::Tensor image(int64_t row) const;

  int64_t size() const { return static_cast<int64_t>(files_.size()); }
  int64_t kept() const;        // images in memory
  int64_t kept_bytes() const;  // their pixels

  /// Among all added images; the example is the name of a file.
  const OneColour& one_coloured() const { return one_coloured_; }

 private:
  struct Outcome;
  Outcome try_to_decode(const File& file, ImageMemory& memory) const;
  codec::Image decoded(const File& file, std::span<const uint8_t> bytes) const;

  Options options_;
  std::vector<File> files_;
  std::vector<at::Tensor> pixels_;  // one per row, undefined if it is not kept
  OneColour one_coloured_;
};

/// The given rows as the network takes them: float `[rows, C, H, W]`, channels last in memory, all of one size.
at::Tensor image_batch(const ImageStore& store, const at::Tensor& rows, const ImageSpec& spec);

/// The same, each row with the augmentation drawn for its place in this step (tensor::RandomScope).
at::Tensor augmented_batch(const ImageStore& store, const at::Tensor& rows, const AugmentSpec& augment,
                           const ImageSpec& spec);

}  // namespace smlt::image
