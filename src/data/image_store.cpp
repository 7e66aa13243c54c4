#include "data/image_store.hpp"

#include <torch/torch.h>

#include <algorithm>
#include <limits>
#include <span>
#include <utility>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "codec/image.hpp"
#include "config/quota.hpp"
#include "tensor/shards.hpp"

namespace smlt::data {
namespace {

constexpr size_t kLargestFile = size_t{256} << 20;

at::Tensor channels_last_batch(int64_t rows, const tensor::ImageSpec& spec) {
  return torch::empty({rows, spec.crop_height, spec.crop_width, spec.channels()}, torch::kFloat).permute({0, 3, 1, 2});
}

}  // namespace

ImageMemory ImageMemory::of_this_machine() {
  const int64_t usable = config::usable_memory().value_or(std::numeric_limits<int64_t>::max());
  return ImageMemory(static_cast<int64_t>(static_cast<double>(usable) * kShare));
}

bool ImageMemory::take(int64_t bytes) {
  if (left_.fetch_sub(bytes) >= bytes) return true;
  left_.fetch_add(bytes);
  return false;
}

std::vector<ImageStore::Refused> ImageStore::add(const std::vector<File>& files, ImageMemory& memory,
                                                 int64_t most_refused) {
  std::vector<at::Tensor> pixels(files.size());
  std::vector<std::string> reasons(files.size());
  std::vector<char> is_plain(files.size());  // not bool: threads write them side by side
  std::atomic<int64_t> failed = 0;
  tensor::for_each_shard(static_cast<int64_t>(files.size()), at::get_num_threads(), [&](int64_t i) {
    if (failed > most_refused) return;
    const torch::NoGradGuard no_grad;
    const auto row = static_cast<size_t>(i);
    try {
      const codec::Image read_image = read(files[row]);
      is_plain[row] = is_one_colour(read_image) ? 1 : 0;
      at::Tensor image = options_.prepare(read_image);
      if (memory.take(static_cast<int64_t>(image.nbytes()))) pixels[row] = std::move(image);
    } catch (const Error& e) {
      reasons[row] = e.what();
      ++failed;
    }
  });
  std::vector<Refused> refused;
  for (size_t row = 0; row < files.size(); ++row) {
    if (!reasons[row].empty()) {
      refused.push_back({static_cast<int64_t>(row), std::move(reasons[row])});
      continue;
    }
    if (is_plain[row] != 0 && one_coloured_.count++ == 0)
      one_coloured_.example = in_quotes(files[row].path.native(), 200);
    files_.push_back(files[row]);
    if (pixels[row].defined()) files_.back().bytes.reset();
    pixels_.push_back(std::move(pixels[row]));
  }
  return refused;
}

at::Tensor ImageStore::image(int64_t row) const {
  const auto index = static_cast<size_t>(row);
  return pixels_.at(index).defined() ? pixels_[index] : options_.prepare(read(files_[index]));
}

codec::Image ImageStore::read(const File& file) const {
  std::string content;
  if (!file.bytes) content = read_file(file.path, kLargestFile);
  const auto* const first = reinterpret_cast<const uint8_t*>(content.data());
  const auto bytes = file.bytes ? std::span<const uint8_t>(*file.bytes) : std::span(first, content.size());
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

at::Tensor image_batch(const ImageStore& store, const at::Tensor& rows, const tensor::ImageSpec& spec) {
  at::Tensor batch = channels_last_batch(rows.size(0), spec);
  const auto row = rows.accessor<int64_t, 1>();
  tensor::for_each_shard(rows.size(0), at::get_num_threads(), [&](int64_t i) {
    const torch::NoGradGuard no_grad;
    batch.select(0, i).copy_(tensor::normalized(store.image(row[i]), spec)[0]);
  });
  return batch;
}

at::Tensor augmented_batch(const ImageStore& store, const at::Tensor& rows, const tensor::AugmentSpec& augment,
                           const tensor::ImageSpec& spec) {
  at::Tensor batch = channels_last_batch(rows.size(0), spec);
  float* out = batch.mutable_data_ptr<float>();
  const int64_t size = spec.channels() * spec.crop_height * spec.crop_width;
  const tensor::StepRandomness now = tensor::RandomScope::current();  // other threads have none
  const auto row = rows.accessor<int64_t, 1>();
  tensor::for_each_shard(rows.size(0), at::get_num_threads(), [&](int64_t i) {
    const torch::NoGradGuard no_grad;
    const at::Tensor pixels = store.image(row[i]);
    const tensor::Augmentation drawn = tensor::draw_augmentation(augment, pixels.size(2), pixels.size(3), now, i);
    tensor::augment(pixels, augment, drawn, spec, out + i * size);
  });
  return batch;
}

}  // namespace smlt::data
