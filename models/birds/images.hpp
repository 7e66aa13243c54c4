#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "data/split.hpp"
#include "datasets/image_folder.hpp"
#include "image/augment.hpp"
#include "image/image.hpp"
#include "image/image_store.hpp"

namespace smlt::models::birds {

/// The tutorial's transforms: for an image that is evaluated or served, and for one that is trained on.
inline const image::ImageSpec kImage = {.mode = "RGB",
                                        .resize = 256,
                                        .crop_height = 224,
                                        .crop_width = 224,
                                        .mean = {0.485, 0.456, 0.406},
                                        .std = {0.229, 0.224, 0.225}};
inline const image::AugmentSpec kAugment = {.resize = kImage.resize};

/// Decodes the images of a job, as long as not too many of them are bad.
class Decoder {
 public:
  using Note = std::function<void(const std::string&)>;

  /// `note` is called for each image that is left out.
  Decoder(Note note, int64_t max_bad_images) : note_(std::move(note)), max_bad_images_(max_bad_images) {}

  /// The images that can be read, to be augmented or as they are evaluated. Throws UserError as soon as there are more
  /// unreadable ones, in all calls together, than are tolerated.
  data::Split decode(const datasets::ImageFiles& files, bool is_augmented);

  /// Logs how many images were decoded, how fast, and how many of them are in memory.
  void note_result() const;

 private:
  void note_skipped(const datasets::ImageFiles& files, const std::vector<image::ImageStore::Refused>& refused) const;
  void refuse_too_many(const std::vector<image::ImageStore::Refused>& refused);

  Note note_;
  int64_t max_bad_images_;
  int64_t bad_ = 0;
  int64_t all_ = 0;
  int64_t kept_ = 0;
  int64_t kept_bytes_ = 0;
  image::ImageMemory memory_ = image::ImageMemory::of_this_machine();
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// Throws UserError for a class that had files to train on (one target each), none of which could be decoded: `left`
/// has the targets of those that could (int64).
void refuse_lost_class(const datasets::ImageFiles& files, const at::Tensor& left);

/// These rows (int64 `[rows]`) as they are evaluated and served, float `[rows, 3, 224, 224]`, whether or not the images
/// were decoded for augmentation.
at::Tensor served_batch(const image::ImageStore& images, const at::Tensor& rows, bool is_augmented);

}  // namespace smlt::models::birds
