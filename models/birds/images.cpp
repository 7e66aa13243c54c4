#include "models/birds/images.hpp"

#include <fmt/format.h>
#include <torch/torch.h>

#include <algorithm>

#include "base/error.hpp"
#include "base/tally.hpp"
#include "base/text.hpp"

namespace smlt::models::birds {
namespace fs = std::filesystem;
namespace {

constexpr int64_t kKeptSide = 320;  // of augmented images: then no random crop is enlarged to the resized side

image::ImageStore::Options store_options(bool is_augmented) {
  if (!is_augmented)
    return {kImage.decoded_side(), [](const codec::Image& image) { return image::prepared(image, kImage); }};
  return {2 * kKeptSide, [](const codec::Image& image) { return image::shrunk(image, kImage.mode, kKeptSide); }};
}

}  // namespace

data::Split Decoder::decode(const datasets::ImageFiles& files, bool is_augmented) {
  const auto images = std::make_shared<image::ImageStore>(store_options(is_augmented));
  std::vector<int64_t> targets;
  for (const datasets::ImageFiles::File& file : files.files) targets.push_back(file.target);
  const auto refused = images->add(files.files, memory_, max_bad_images_ - bad_);
  note_skipped(files, refused);
  refuse_too_many(refused);
  for (auto it = refused.rbegin(); it != refused.rend(); ++it) targets.erase(targets.begin() + it->row);
  all_ += images->size(), kept_ += images->kept(), kept_bytes_ += images->kept_bytes();
  return {{}, torch::tensor(targets, torch::kLong), images};
}

// Damaged images one by one; pictures in formats that are not decoded, which their names do not show, by kind.
void Decoder::note_skipped(const datasets::ImageFiles& files,
                           const std::vector<image::ImageStore::Refused>& refused) const {
  Tally undecoded;
  for (const image::ImageStore::Refused& each : refused) {
    const fs::path& path = files.files[static_cast<size_t>(each.row)].path;
    if (each.format.empty()) {
      note_("Left out: " + each.reason);
      continue;
    }
    undecoded.add(fmt::format("{} with {} inside", printable(path.extension().native()), each.format),
                  (path.parent_path().filename() / path.filename()).native());
  }
  if (!undecoded.is_empty()) note_(fmt::format("Skipped: {}; JPEG and PNG are read.", undecoded.phrase()));
}

void Decoder::refuse_too_many(const std::vector<image::ImageStore::Refused>& refused) {
  const auto is_damaged = [](const image::ImageStore::Refused& each) { return each.format.empty(); };
  bad_ += std::count_if(refused.begin(), refused.end(), is_damaged);
  if (bad_ <= max_bad_images_) return;
  const auto last = std::find_if(refused.rbegin(), refused.rend(), is_damaged);
  throw UserError(
      "Expected at most {} that cannot be read (max_bad_images), found {} so far, each named in the log; the last: {}",
      counted(max_bad_images_, "image"), bad_, last->reason);
}

void refuse_lost_class(const datasets::ImageFiles& files, const at::Tensor& left) {
  std::vector<const datasets::ImageFiles::File*> lost(files.classes.size(), nullptr);
  for (const datasets::ImageFiles::File& file : files.files) lost[static_cast<size_t>(file.target)] = &file;
  const int64_t* target = left.const_data_ptr<int64_t>();
  for (int64_t i = 0; i < left.numel(); ++i) lost[static_cast<size_t>(target[i])] = nullptr;
  const auto first = std::find_if(lost.begin(), lost.end(), [](const auto* file) { return file != nullptr; });
  if (first == lost.end()) return;
  throw UserError(
      "Expected images that can be read in each class to train on, found none of {} that can, as the log says of {}; "
      "save them as JPEG or PNG, or leave the class out.",
      in_quotes(files.classes[static_cast<size_t>(first - lost.begin())]), in_quotes((*first)->path.native(), 200));
}

void Decoder::note_result() const {
  const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - start_;
  note_(fmt::format("Decoded {} images in {:.2f} s ({:.1f} images/s); {} are kept in memory ({} MB){}.", all_,
                    passed.count(), static_cast<double>(all_) / passed.count(), kept_, kept_bytes_ / 1'000'000,
                    kept_ < all_ ? ", the others decoded whenever they are needed" : ""));
}

at::Tensor served_batch(const image::ImageStore& images, const at::Tensor& rows, bool is_augmented) {
  if (!is_augmented) return image::image_batch(images, rows, kImage);
  std::vector<at::Tensor> pixels;  // kept ready for augmentation, they have many sizes
  for (int64_t i = 0; i < rows.size(0); ++i) {
    pixels.push_back(image::prepared(images.image(rows[i].item<int64_t>()), kImage));
  }
  return image::normalized(torch::cat(pixels), kImage);
}

}  // namespace smlt::models::birds
