#include "data/fingerprint.hpp"

#include <fmt/format.h>
#include <torch/torch.h>
#include <zlib.h>

#include <algorithm>

#include "base/hash.hpp"
#include "base/text.hpp"
#include "image/image_store.hpp"

namespace smlt::data {
namespace fs = std::filesystem;
namespace {

uintmax_t size_of(const fs::path& file) {
  std::error_code error;
  const uintmax_t size = fs::file_size(file, error);
  return error ? 0 : size;
}

std::string summary(const datasets::ImageFiles& images) {
  uint64_t hash = fnv_hash("");
  uintmax_t bytes = 0;
  for (const datasets::ImageFiles::File& file : images.files) {
    const uintmax_t size = file.bytes ? file.bytes->size() : size_of(file.path);
    bytes += size;
    const fs::path name = file.path.parent_path().filename() / file.path.filename();
    hash = fnv_hash(fmt::format("{} {} {};", name.native(), size, file.target), hash);
  }
  return fmt::format("{} images of {} classes, {} bytes, {:016x}", images.files.size(), images.classes.size(), bytes,
                     hash);
}

uint32_t added_block(uint32_t sum, const at::Tensor& block) {
  return static_cast<uint32_t>(::crc32_z(sum, static_cast<const Bytef*>(block.data_ptr()), block.nbytes()));
}

// The checksum of the tensor's numbers in order. A view, such as a table without its first column, is copied a few rows
// at a time.
uint32_t added(uint32_t sum, const at::Tensor& tensor) {
  constexpr size_t kBlock = size_t{1} << 20;  // bytes
  if (tensor.is_contiguous()) return added_block(sum, tensor);
  const int64_t rows = tensor.size(0);
  const size_t row_bytes = tensor.nbytes() / static_cast<size_t>(std::max<int64_t>(rows, 1));
  const auto step = static_cast<int64_t>(std::max<size_t>(kBlock / std::max<size_t>(row_bytes, 1), 1));
  for (int64_t first = 0; first < rows; first += step) {
    sum = added_block(sum, tensor.narrow(0, first, std::min(step, rows - first)).contiguous());
  }
  return sum;
}

uint32_t added(uint32_t sum, const Split& split) {
  for (const at::Tensor& tensor : {split.inputs, split.targets}) {
    if (tensor.defined()) sum = added(sum, tensor);
  }
  return sum;
}

}  // namespace

std::string fingerprint(std::span<const fs::path> files, const DataSet& data) {
  std::string text;
  for (const fs::path& file : files) {
    text += fmt::format("{}, {} bytes; ", printable(file.filename().native()), size_of(file));
  }
  return text + fmt::format("{} rows to train on, {} to evaluate on", data.train.size(), data.validation.size());
}

std::string content(const DataSet& data) {
  return fmt::format("content {:08x}", added(added(0, data.train), data.validation));
}

std::string content(const Split& split) {
  constexpr int64_t kImages = 64;
  uint32_t sum = added(0, split);
  const int64_t images = split.images ? split.images->size() : 0;
  for (int64_t i = 0; i < std::min(images, kImages); ++i) {
    sum = added(sum, split.images->image(i * images / std::min(images, kImages)).contiguous());
  }
  return fmt::format("{} rows, {:08x}", split.size(), sum);
}

std::string fingerprint(const datasets::ImageFiles& train, const datasets::ImageFiles& validation,
                        const std::optional<fs::path>& weights) {
  std::string text = fmt::format("to train on: {}; to evaluate on: {}", summary(train), summary(validation));
  if (weights) text += fmt::format("; {}, {} bytes", printable(weights->filename().native()), size_of(*weights));
  return text;
}

}  // namespace smlt::data
