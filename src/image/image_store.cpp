#include "image/image_store.hpp"

#include <fmt/format.h>
#include <torch/torch.h>

#include <algorithm>
#include <limits>
#include <span>
#include <utility>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "codec/image/image.hpp"
#include "codec/image/image_format.hpp"
#include "machine/quota.hpp"
#include "tensor/shards.hpp"

namespace smlt::image {
namespace {

constexpr size_t kLargestFile = size_t{256} << 20;

at::Tensor channels_last_batch(int64_t rows, const ImageSpec& spec) {
  return torch::empty({rows, spec.crop_height, spec.crop_width, spec.channels()}, torch::kFloat).permute({0, 3, 1, 2});
}

// A file's bytes, which `content` holds if they are not in memory already.
std::span<const uint8_t> bytes_of(const ImageStore::File& file, std::string& content) {
  if (file.bytes) return *file.bytes;
  content = read_file(file.path, kLargestFile);
  return {reinterpret_cast<const uint8_t*>(content.data()), content.size()};
}

// An entry of a list whose file is missing, or a dangling link.
bool is_missing(const ImageStore::File& file) {
  std::error_code error;
  return !file.bytes && std::filesystem::status(file.path, error).type() == std::filesystem::file_type::not_found;
}

}  // namespace

ImageMemory ImageMemory::of_this_machine() {
  const int64_t usable = machine::usable_memory().value_or(std::numeric_limits<int64_t>::max());
  return ImageMemory(static_cast<int64_t>(static_cast<double>(usable) * kShare));
}

bool ImageMemory::take(int64_t bytes) {
  if (left_.fetch_sub(bytes) >= bytes) return true;
  left_.fetch_add(bytes);
  return false;
}

struct ImageStore::Outcome {
  at::Tensor pixels = {};  // undefined if there is no memory left for them or they were refused
  bool is_one_colour = false;
  std::string reason = {}, format = {};  // as in Refused

  bool is_damaged() const { return !reason.empty() && format.empty(); }
};

std::vector<ImageStore::Refused> ImageStore::add(const std::vector<File>& files, ImageMemory& memory,
                                                 int64_t most_refused) {
  std::vector<Outcome> outcomes(files.size());
  std::atomic<int64_t> failed = 0;
  std::atomic<bool> is_over = false;
  tensor::for_each_shard(static_cast<int64_t>(files.size()), at::get_num_threads(), [&](int64_t i) {
    if (is_over) return;
    const torch::NoGradGuard no_grad;
    const auto row = static_cast<size_t>(i);
    try {
      outcomes[row] = try_to_decode(files[row], memory);
    } catch (...) {
      is_over = true;
      throw;
    }
    if (outcomes[row].is_damaged() && ++failed > most_refused) is_over = true;
  });
  std::vector<Refused> refused;
  for (size_t row = 0; row < files.size(); ++row) {
    Outcome& outcome = outcomes[row];
    if (!outcome.reason.empty()) {
      refused.push_back({static_cast<int64_t>(row), std::move(outcome.reason), std::move(outcome.format)});
      continue;
    }
    if (outcome.is_one_colour && one_coloured_.count++ == 0)
      one_coloured_.example = in_quotes(files[row].path.native(), 200);
    files_.push_back(files[row]);
    if (outcome.pixels.defined()) files_.back().bytes.reset();
    pixels_.push_back(std::move(outcome.pixels));
  }
  return refused;
}

at::Tensor ImageStore::image(int64_t row) const {
  const auto index = static_cast<size_t>(row);
  if (pixels_.at(index).defined()) return pixels_[index];
  std::string content;
  return options_.prepare(decoded(files_[index], bytes_of(files_[index], content)));
}

// If the file is to blame, the outcome says why there are no pixels.
ImageStore::Outcome ImageStore::try_to_decode(const File& file, ImageMemory& memory) const {
  Outcome outcome;
  std::string content;
  try {
    const std::span<const uint8_t> bytes = bytes_of(file, content);
    outcome.format = codec::undecoded_format(bytes);
    const codec::Image image = decoded(file, bytes);
    outcome.is_one_colour = is_one_colour(image);
    at::Tensor pixels = options_.prepare(image);
    if (memory.take(static_cast<int64_t>(pixels.nbytes()))) outcome.pixels = std::move(pixels);
  } catch (const UserError& e) {
    outcome.reason = e.what();
  } catch (const PlatformError&) {
    if (!is_missing(file)) throw;
    outcome.reason = fmt::format("{} is not there.", in_quotes(file.path.native(), 200));
  }
  return outcome;
}

codec::Image ImageStore::decoded(const File& file, std::span<const uint8_t> bytes) const {
  return codec::decode_image(bytes, file.path.native(), options_.decoded_side);
}

int64_t ImageStore::kept() const {
  return std::count_if(pixels_.begin(), pixels_.end(), [](const at::Tensor& image) { return image.defined(); });
}

int64_t ImageStore::kept_bytes() const {
  int64_t bytes = 0;
  for (const at::Tensor& image : pixels_) bytes += image.defined() ? static_cast<int64_t>(image.nbytes()) : 0;
  return bytes;
}

at::Tensor image_batch(const ImageStore& store, const at::Tensor& rows, const ImageSpec& spec) {
  at::Tensor batch = channels_last_batch(rows.size(0), spec);
  const auto row = rows.accessor<int64_t, 1>();
  tensor::for_each_shard(rows.size(0), at::get_num_threads(), [&](int64_t i) {
    const torch::NoGradGuard no_grad;
    batch.select(0, i).copy_(normalized(store.image(row[i]), spec)[0]);
  });
  return batch;
}

at::Tensor augmented_batch(const ImageStore& store, const at::Tensor& rows, const AugmentSpec& augment,
                           const ImageSpec& spec) {
  at::Tensor batch = channels_last_batch(rows.size(0), spec);
  float* out = batch.mutable_data_ptr<float>();
  const int64_t size = spec.channels() * spec.crop_height * spec.crop_width;
  const tensor::StepRandomness now = tensor::RandomScope::current();  // other threads have none
  const auto row = rows.accessor<int64_t, 1>();
  tensor::for_each_shard(rows.size(0), at::get_num_threads(), [&](int64_t i) {
    const torch::NoGradGuard no_grad;
    const at::Tensor pixels = store.image(row[i]);
    const Augmentation drawn = draw_augmentation(augment, pixels.size(2), pixels.size(3), now, i);
    image::augment(pixels, augment, drawn, spec, out + i * size);
  });
  return batch;
}

}  // namespace smlt::image
