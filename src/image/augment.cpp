#include "image/augment.hpp"

#include <torch/torch.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "image/resample.hpp"

namespace smlt::image {
namespace {

constexpr int kTrials = 10;

// Random numbers of one image, in the order they are requested.
class Draw {
 public:
  explicit Draw(uint64_t key) : key_(key) {}
  double uniform(double from, double to) { return from + (to - from) * unit(); }
  int64_t below(int64_t end) { return std::min(end - 1, static_cast<int64_t>(unit() * static_cast<double>(end))); }

 private:
  double unit() { return std::ldexp(static_cast<double>(tensor::random_bits(key_, count_++) >> 11), -53); }

  uint64_t key_;
  uint64_t count_ = 0;
};

// If none of the trials fits: the middle, as large as the ratios allow.
void take_middle(const AugmentSpec& spec, int64_t height, int64_t width, Augmentation& out) {
  const double ratio = static_cast<double>(width) / static_cast<double>(height);
  out.width = width, out.height = height;
  if (ratio < spec.smallest_ratio) {
    out.height = std::llrint(static_cast<double>(width) / spec.smallest_ratio);
  } else if (ratio > 1 / spec.smallest_ratio) {
    out.width = std::llrint(static_cast<double>(height) / spec.smallest_ratio);
  }
  out.top = (height - out.height) / 2;
  out.left = (width - out.width) / 2;
}

void draw_crop(const AugmentSpec& spec, int64_t height, int64_t width, Draw& draw, Augmentation& out) {
  for (int trial = 0; trial < kTrials; ++trial) {
    const double area = static_cast<double>(height * width) * draw.uniform(spec.smallest_area, 1);
    const double ratio = std::exp(draw.uniform(std::log(spec.smallest_ratio), -std::log(spec.smallest_ratio)));
    out.width = std::llrint(std::sqrt(area * ratio));
    out.height = std::llrint(std::sqrt(area / ratio));
    if (out.width < 1 || out.width > width || out.height < 1 || out.height > height) continue;
    out.top = draw.below(height - out.height + 1);
    out.left = draw.below(width - out.width + 1);
    return;
  }
  take_middle(spec, height, width, out);
}

// Output to input pixels, in 16.16 fixed point as Pillow's transform computes for the nearest pixel.
struct Rotation {
  std::array<int64_t, 6> at;

  Rotation(double degrees, int64_t side) {
    const double radians = -degrees * std::numbers::pi / 180;
    const auto rounded = [](double value) { return std::nearbyint(value * 1e15) / 1e15; };
    const double cosine = rounded(std::cos(radians)), sine = rounded(std::sin(radians));
    const double middle = static_cast<double>(side) / 2;
    const double x = cosine * -middle + sine * -middle + middle;
    const double y = -sine * -middle + cosine * -middle + middle;
    const auto fixed = [](double value) { return static_cast<int64_t>(std::floor(value * 65536 + 0.5)); };
    at = {fixed(cosine), fixed(sine),   fixed(x + cosine / 2 + sine / 2),
          fixed(-sine),  fixed(cosine), fixed(y - sine / 2 + cosine / 2)};
  }
};

// [C, 256]: the result for each value of each channel.
at::Tensor normalized_values(const ImageSpec& spec) {
  const at::Tensor values = torch::arange(256, torch::kByte).view({1, 1, 1, 256});
  return normalized(values.expand({1, spec.channels(), 1, 256}), spec).view({-1, 256}).contiguous();
}

}  // namespace

Augmentation draw_augmentation(const AugmentSpec& spec, int64_t height, int64_t width,
                               const tensor::StepRandomness& now, int64_t row) {
  Draw draw(tensor::stream_key(std::array{now.seed, static_cast<uint64_t>(tensor::Purpose::kAugment), now.epoch,
                                          now.step, static_cast<uint64_t>(now.first_row + row)}));
  Augmentation out;
  draw_crop(spec, height, width, draw, out);
  out.angle = draw.uniform(-spec.degrees, spec.degrees);
  out.is_flipped = draw.uniform(0, 1) < 0.5;
  return out;
}

void augment(const at::Tensor& pixels, const AugmentSpec& spec, const Augmentation& drawn, const ImageSpec& image,
             float* out) {
  const int64_t side = spec.resize, channels = image.channels();
  const at::Tensor crop = pixels.narrow(2, drawn.top, drawn.height).narrow(3, drawn.left, drawn.width);
  const at::Tensor square = resampled(crop, side, side, {0, side}, {0, side});
  const at::Tensor table = normalized_values(image);
  const float* values = table.const_data_ptr<float>();
  const uint8_t* from = square.const_data_ptr<uint8_t>();
  const std::array<uint8_t, 4> black{};
  const Rotation rotation(drawn.angle, side);
  const int64_t top = (side - image.crop_height) / 2, left = (side - image.crop_width) / 2;
  for (int64_t row = 0; row < image.crop_height; ++row) {
    for (int64_t column = 0; column < image.crop_width; ++column) {
      const int64_t y = row + top;
      const int64_t x = drawn.is_flipped ? side - 1 - column - left : column + left;
      const int64_t from_x = (rotation.at[0] * x + rotation.at[1] * y + rotation.at[2]) >> 16;
      const int64_t from_y = (rotation.at[3] * x + rotation.at[4] * y + rotation.at[5]) >> 16;
      const bool is_inside = from_x >= 0 && from_x < side && from_y >= 0 && from_y < side;
      const uint8_t* pixel = is_inside ? from + (from_y * side + from_x) * channels : black.data();
      for (int64_t c = 0; c < channels; ++c) *out++ = values[c * 256 + pixel[c]];
    }
  }
}

}  // namespace smlt::image
