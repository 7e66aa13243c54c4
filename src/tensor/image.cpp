#include "tensor/image.hpp"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>

#include "base/error.hpp"

namespace smlt::tensor {
namespace {

at::Tensor per_channel(const std::vector<double>& values) {
  return torch::tensor(values, torch::kDouble).to(torch::kFloat).view({1, -1, 1, 1});
}

// uint8 [1, C, H, W] of the mode's channels, channels last in memory; may be a view of the image.
at::Tensor converted(const codec::Image& image, const std::string& mode) {
  at::Tensor pixels = torch::from_blob(const_cast<uint8_t*>(image.pixels.data()),
                                       {1, image.height, image.width, image.channels}, torch::kByte)
                          .permute({0, 3, 1, 2});
  if (image.channels == 4) {
    const at::Tensor alpha = pixels.narrow(1, 3, 1).to(torch::kFloat) / 255;
    pixels = (pixels.narrow(1, 0, 3).to(torch::kFloat) * alpha).round().to(torch::kByte);
  }
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

at::Tensor resized(const at::Tensor& pixels, int64_t shorter) {
  const int64_t height = pixels.size(2);
  const int64_t width = pixels.size(3);
  if (shorter == 0 || std::min(height, width) == shorter) return pixels;
  // torchvision truncates the longer side.
  const int64_t new_height = height <= width ? shorter : shorter * height / width;
  const int64_t new_width = height <= width ? shorter * width / height : shorter;
  return at::_upsample_bilinear2d_aa(pixels, {new_height, new_width}, /*align_corners=*/false);
}

at::Tensor cropped(const at::Tensor& pixels, int64_t height, int64_t width) {
  if (height == 0 || width == 0) return pixels;
  const int64_t missing_rows = std::max<int64_t>(0, height - pixels.size(2));
  const int64_t missing_columns = std::max<int64_t>(0, width - pixels.size(3));
  const at::Tensor padded = torch::constant_pad_nd(pixels, {missing_columns / 2, missing_columns - missing_columns / 2,
                                                            missing_rows / 2, missing_rows - missing_rows / 2});
  // To even, as Python rounds.
  const auto top = static_cast<int64_t>(std::nearbyint(static_cast<double>(padded.size(2) - height) / 2));
  const auto left = static_cast<int64_t>(std::nearbyint(static_cast<double>(padded.size(3) - width) / 2));
  return padded.narrow(2, top, height).narrow(3, left, width);
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
  return cropped(resized(pixels, spec.resize), spec.crop_height, spec.crop_width).clone(at::MemoryFormat::Contiguous);
}

at::Tensor shrunk(const codec::Image& image, const std::string& mode, int64_t most) {
  const at::Tensor pixels = checked(image, mode);
  const bool fits = std::min(image.height, image.width) <= most;
  return (fits ? pixels : resized(pixels, most)).clone(at::MemoryFormat::ChannelsLast);
}

}  // namespace smlt::tensor
