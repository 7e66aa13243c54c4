#include "image/resample.hpp"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "kernels/resample_kernel.hpp"

namespace smlt::image {
namespace {

constexpr int64_t kTogether = 4;  // the kernels take this many taps at once
constexpr int64_t kSpill = 4;     // and write this many bytes beyond a row

// The weights of an axis' outputs in `span`. As Pillow: a triangle as wide as an output is in inputs, and in integers
// as precise as 16 bits allow for the largest weight of the whole axis.
class Axis {
 public:
  Axis(int64_t inputs, int64_t outputs, Span span)
      : inputs_(inputs), scale_(static_cast<double>(inputs) / static_cast<double>(outputs)) {
    Taps taps;
    double largest = 0;
    for (int64_t i = 0; i < outputs; ++i) {
      find(i, taps);
      largest = std::max(largest, *std::max_element(taps.weights.begin(), taps.weights.end()));
      taps_ = std::max(taps_, static_cast<int64_t>(taps.weights.size()));
    }
    while (precision_ < 22 && std::floor(0.5 + std::ldexp(largest, precision_ + 1)) < 1 << 15) ++precision_;
    stride_ = (taps_ + kTogether - 1) / kTogether * kTogether;
    weights_.resize(static_cast<size_t>(span.size * stride_));
    for (int64_t i = 0; i < span.size; ++i) {
      find(span.begin + i, taps);
      add(taps, weights_.data() + i * stride_);
    }
  }

  int64_t begin() const { return first_.front(); }
  int64_t end() const { return first_.back() + taps_; }

  // With inputs counted from `begin`.
  kernels::ResampleAxis from(int64_t begin) {
    for (int64_t& first : first_) first -= begin;
    return {first_.data(), weights_.data(), static_cast<int64_t>(first_.size()), taps_, stride_, precision_};
  }

 private:
  struct Taps {
    int64_t first = 0;            // input
    std::vector<double> weights;  // their sum is 1
  };

  // The weights of one output, in the order of LibTorch's operations, so that the last bits are equal too.
  void find(int64_t output, Taps& taps) const {
    const double support = std::max(scale_, 1.0);
    const double center = scale_ * (static_cast<double>(output) + 0.5);
    taps.first = std::max<int64_t>(static_cast<int64_t>(center - support + 0.5), 0);
    const int64_t end = std::min(static_cast<int64_t>(center + support + 0.5), inputs_);
    const double from_center = static_cast<double>(taps.first) - center;
    double total = 0;
    taps.weights.clear();
    for (int64_t k = 0; k < end - taps.first; ++k) {
      const double distance = (static_cast<double>(k) + from_center + 0.5) * (1 / support);
      taps.weights.push_back(std::max(0.0, 1 - std::abs(distance)));
      total += taps.weights.back();
    }
    for (double& weight : taps.weights) weight /= total;
  }

  // Those at the end of the axis begin earlier, so that all have the same number of inputs.
  void add(const Taps& taps, int16_t* to) {
    first_.push_back(std::min(taps.first, inputs_ - taps_));
    to += taps.first - first_.back();
    for (const double weight : taps.weights) *to++ = static_cast<int16_t>(0.5 + std::ldexp(weight, precision_));
  }

  int64_t inputs_;
  double scale_;
  std::vector<int64_t> first_;
  std::vector<int16_t> weights_;
  int64_t taps_ = 1;
  int64_t stride_ = 0;
  int precision_ = 0;
};

// Whether the pixels of a row are contiguous, as decoders leave them and as in a part of such an image.
bool has_rows_of_pixels(const at::Tensor& pixels) {
  const int64_t channels = pixels.size(1);
  return (channels == 1 || pixels.stride(1) == 1) && (pixels.size(3) == 1 || pixels.stride(3) == channels);
}

}  // namespace

at::Tensor resampled(const at::Tensor& pixels, int64_t height, int64_t width, Span rows, Span columns,
                     kernels::Processor processor) {
  const int64_t channels = pixels.size(1);
  TORCH_CHECK(pixels.scalar_type() == at::kByte && pixels.dim() == 4 && pixels.size(0) == 1 && pixels.numel() > 0 &&
              (channels == 1 || channels == 3) && rows.begin >= 0 && rows.size > 0 &&
              rows.begin + rows.size <= height && columns.begin >= 0 && columns.size > 0 &&
              columns.begin + columns.size <= width);
  const at::Tensor source = has_rows_of_pixels(pixels) ? pixels : pixels.contiguous(at::MemoryFormat::ChannelsLast);
  const kernels::ResampleKernel& kernel = kernels::resample_kernel_of(processor);
  Axis down(source.size(2), height, rows), along(source.size(3), width, columns);
  const int64_t first_row = down.begin(), needed = down.end() - first_row, row_bytes = columns.size * channels;

  const int64_t stride = source.stride(2);
  const kernels::ByteRows from = {source.const_data_ptr<uint8_t>() + first_row * stride, needed, stride,
                                  (source.size(2) - 1 - first_row) * stride + source.size(3) * channels};
  const at::Tensor narrow = at::empty({needed, row_bytes + kSpill}, at::kByte);
  kernel.along_rows(along.from(0), channels, from, narrow.mutable_data_ptr<uint8_t>(), row_bytes + kSpill);

  at::Tensor out = at::empty({1, rows.size, columns.size, channels}, at::kByte);
  const kernels::ByteRows between = {narrow.const_data_ptr<uint8_t>(), needed, row_bytes + kSpill, narrow.numel()};
  kernel.across_rows(down.from(first_row), between, row_bytes, out.mutable_data_ptr<uint8_t>());
  return out.permute({0, 3, 1, 2});
}

at::Tensor channels_first(const at::Tensor& pixels, kernels::Processor processor) {
  if (pixels.size(0) != 1 || pixels.size(1) != 3 || !pixels.is_contiguous(at::MemoryFormat::ChannelsLast)) {
    return pixels.clone(at::MemoryFormat::Contiguous);
  }
  at::Tensor out = at::empty(pixels.sizes(), at::kByte);
  kernels::resample_kernel_of(processor).to_planes(pixels.const_data_ptr<uint8_t>(), pixels.size(2) * pixels.size(3),
                                                   out.mutable_data_ptr<uint8_t>());
  return out;
}

}  // namespace smlt::image
