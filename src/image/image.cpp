#include "image/image.hpp"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>

#include "base/error.hpp"
#include "image/resample.hpp"

namespace smlt::image {
namespace {

at::Tensor per_channel(const std::vector<double>& values) {
  return torch::tensor(values, torch::kDouble).to(torch::kFloat).view({1, -1, 1, 1});
}

// uint8 [1, C, H, W] of the mode's channels, channels last in memory; may be a view of the image.
at::Tensor converted(const codec::Image& image, const std::string& mode) {
  const at::Tensor pixels = torch::from_blob(const_cast<uint8_t*>(image.pixels.data()),
                                             {1, image.height, image.width, image.channels}, torch::kByte)
                                .permute({0, 3, 1, 2});
  if (mode == "L" && pixels.size(1) == 3) {
    // Pillow's integers: L = (R * 19595 + G * 38470 + B * 7471 + 0x8000) >> 16.
    const at::Tensor weights = torch::tensor({19595, 38470, 7471}, torch::kInt).view({1, 3, 1, 1});
    return (((pixels.to(torch::kInt) * weights).sum(1, true, torch::kInt) + 0x8000) / 65536).floor().to(torch::kByte);
  }
  if (mode == "RGB" && pixels.size(1) == 1) {
    return pixels.expand({1, 3, image.height, image.width}).contiguous(at::MemoryFormat::ChannelsLast);
  }
  return pixels;
}

// The whole image is scaled, whatever part of it is used, and a line of pixels would take gigabytes.
constexpr int64_t kMostScaledPixels = int64_t{1} << 24;

struct Size {
  int64_t height = 0;
  int64_t width = 0;
};

// torchvision truncates the longer side.
Size resized(Size image, int64_t shorter) {
  if (shorter == 0 || std::min(image.height, image.width) == shorter) return image;
  if (image.height <= image.width) return {shorter, shorter * image.width / image.height};
  return {shorter * image.height / image.width, shorter};
}

// Half to even, as Python rounds.
Span middle(int64_t size, int64_t wanted) {
  if (size <= wanted) return {0, size};
  return {static_cast<int64_t>(std::nearbyint(static_cast<double>(size - wanted) / 2)), wanted};
}

at::Tensor scaled(const at::Tensor& pixels, Size size, Span rows, Span columns) {
  if (size.height == pixels.size(2) && size.width == pixels.size(3)) {
    return pixels.narrow(2, rows.begin, rows.size).narrow(3, columns.begin, columns.size);
  }
  if (size.height > kMostScaledPixels / size.width) {
    throw UserError(
        "Expected an image that has at most {} pixels once its shorter side is scaled, found one of {}x{} pixels, "
        "which becomes {}x{}; cut it.",
        kMostScaledPixels, pixels.size(3), pixels.size(2), size.width, size.height);
  }
  return resampled(pixels, size.height, size.width, rows, columns);
}

at::Tensor padded(const at::Tensor& pixels, int64_t height, int64_t width) {
  const int64_t rows = height - pixels.size(2), columns = width - pixels.size(3);
  if (rows == 0 && columns == 0) return pixels;
  return torch::constant_pad_nd(pixels, {columns / 2, columns - columns / 2, rows / 2, rows - rows / 2});
}

at::Tensor checked(const codec::Image& image, const std::string& mode) {
  if (image.height < 1 || image.width < 1) {
    throw UserError("Expected an image of at least 1x1 pixels, found an empty one.");
  }
  return converted(image, mode);
}

}  // namespace

at::Tensor normalized(const at::Tensor& pixels, const ImageSpec& spec) {
  return pixels.to(torch::kFloat).div_(255).sub_(per_channel(spec.mean)).div_(per_channel(spec.std));
}

at::Tensor prepared(const codec::Image& image, const ImageSpec& spec) {
  return prepared(checked(image, spec.mode), spec);
}

at::Tensor prepared(const at::Tensor& pixels, const ImageSpec& spec) {
  const Size size = resized({pixels.size(2), pixels.size(3)}, spec.resize);
  if (spec.crop_height == 0 || spec.crop_width == 0) {
    return scaled(pixels, size, {0, size.height}, {0, size.width}).clone(at::MemoryFormat::Contiguous);
  }
  const at::Tensor part =
      scaled(pixels, size, middle(size.height, spec.crop_height), middle(size.width, spec.crop_width));
  return padded(part, spec.crop_height, spec.crop_width).clone(at::MemoryFormat::Contiguous);
}

at::Tensor shrunk(const codec::Image& image, const std::string& mode, int64_t most) {
  const at::Tensor pixels = checked(image, mode);
  if (std::min(image.height, image.width) <= most) return pixels.clone(at::MemoryFormat::ChannelsLast);
  const Size size = resized({image.height, image.width}, most);
  return scaled(pixels, size, {0, size.height}, {0, size.width});
}

}  // namespace smlt::image
