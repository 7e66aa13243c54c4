#include "models/birds/images.hpp"

#include <torch/torch.h>

#include "base/error.hpp"
#include "base/text.hpp"

namespace smlt::models::birds {
namespace {

constexpr int64_t kKeptSide =
    320;  // of the images that are augmented: no random crop is enlarged to the resized side then

data::ImageStore::Options options(bool is_augmented) {
  if (!is_augmented)
    return {kImage.decoded_side(), [](const codec::Image& image) { return tensor::prepared(image, kImage); }};
  return {2 * kKeptSide, [](const codec::Image& image) { return tensor::shrunk(image, kImage.mode, kKeptSide); }};
}

}  // namespace

data::Split Decoder::decode(const codec::ImageFiles& files, bool is_augmented) {
  const auto images = std::make_shared<data::ImageStore>(options(is_augmented));
  std::vector<int64_t> targets;
  for (const codec::ImageFiles::File& file : files.files) targets.push_back(file.target);
  const auto refused = images->add(files.files, memory_, max_bad_images_ - bad_);
  for (const data::ImageStore::Refused& each : refused) note_("Left out: " + each.reason);
  refuse_too_many(refused);
  for (auto it = refused.rbegin(); it != refused.rend(); ++it) targets.erase(targets.begin() + it->row);
  all_ += images->size(), kept_ += images->kept(), kept_bytes_ += images->kept_bytes();
  return {{}, torch::tensor(targets, torch::kLong), images};
}

void Decoder::refuse_too_many(const std::vector<data::ImageStore::Refused>& refused) {
  bad_ += static_cast<int64_t>(refused.size());
  if (bad_ <= max_bad_images_) return;
  throw UserError(
      "Expected at most {} that cannot be read (max_bad_images), found {} so far, each named in the log; the last: {}",
      counted(max_bad_images_, "image"), bad_, refused.back().reason);
}

void Decoder::note_result() const {
  const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - start_;
  note_(fmt::format("Decoded {} images in {:.2f} s ({:.1f} images/s); {} are kept in memory ({} MB){}.", all_,
                    passed.count(), static_cast<double>(all_) / passed.count(), kept_, kept_bytes_ / 1'000'000,
                    kept_ < all_ ? ", the others decoded whenever they are needed" : ""));
}

at::Tensor served_batch(const data::ImageStore& images, const at::Tensor& rows, bool is_augmented) {
  if (!is_augmented) return data::image_batch(images, rows, kImage);
  std::vector<at::Tensor> pixels;  // kept as they are to be augmented, they have many sizes
  for (int64_t i = 0; i < rows.size(0); ++i) {
    pixels.push_back(tensor::prepared(images.image(rows[i].item<int64_t>()), kImage));
  }
  return tensor::normalized(torch::cat(pixels), kImage);
}

}  // namespace smlt::models::birds
