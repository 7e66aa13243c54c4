#include "image/pixel_rows.hpp"

#include <ATen/Parallel.h>
#include <torch/torch.h>

#include <algorithm>
#include <array>
#include <vector>

namespace smlt::image {
namespace {

// The result for each of the 256 values in each channel.
std::vector<std::array<float, 256>> tables_of(const ImageSpec& spec) {
  std::vector<std::array<float, 256>> tables(spec.mean.size());
  for (size_t channel = 0; channel < tables.size(); ++channel) {
    const auto mean = static_cast<float>(spec.mean[channel]), std = static_cast<float>(spec.std[channel]);
    for (size_t value = 0; value < 256; ++value) {
      tables[channel][value] = (static_cast<float>(value) / 255.0f - mean) / std;
    }
  }
  return tables;
}

}  // namespace

at::Tensor normalized_rows(const at::Tensor& pixels, const at::Tensor& rows, const ImageSpec& spec) {
  constexpr int64_t kRowsAThread = 16;
  const int64_t count = rows.size(0), channels = pixels.size(1), area = pixels.size(2) * pixels.size(3);
  TORCH_CHECK(channels == static_cast<int64_t>(spec.mean.size()) && pixels.is_contiguous() && rows.is_contiguous());
  at::Tensor out = at::empty({count, channels, pixels.size(2), pixels.size(3)}, at::kFloat);
  const auto tables = tables_of(spec);
  const uint8_t* from = pixels.const_data_ptr<uint8_t>();
  const int64_t* numbers = rows.const_data_ptr<int64_t>();
  const auto is_row = [&](int64_t row) { return row >= 0 && row < pixels.size(0); };
  TORCH_CHECK_INDEX(std::all_of(numbers, numbers + count, is_row), "a row outside of the data");
  float* to = out.mutable_data_ptr<float>();
  at::parallel_for(0, count, kRowsAThread, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      for (int64_t channel = 0; channel < channels; ++channel) {
        const std::array<float, 256>& table = tables[static_cast<size_t>(channel)];
        const uint8_t* source = from + (numbers[i] * channels + channel) * area;
        float* target = to + (i * channels + channel) * area;
        for (int64_t pixel = 0; pixel < area; ++pixel) target[pixel] = table[source[pixel]];
      }
    }
  });
  return out;
}

}  // namespace smlt::image
