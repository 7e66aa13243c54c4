#include "tensor/image.hpp"

#include <torch/torch.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/error.hpp"

namespace smlt::tensor {
namespace {

at::Tensor per_channel(const std::vector<double>& values) {
  return torch::tensor(values, torch::kDouble).to(torch::kFloat).view({1, -1, 1, 1});
}

// uint8 [1, C, H, W] of the mode's channels from HWC pixels.
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
  if (mode == "RGB" && pixels.size(1) == 1) return pixels.expand({1, 3, image.height, image.width}).contiguous();
  return pixels.contiguous();
}

at::Tensor resized(const at::Tensor& pixels, int64_t shorter) {
  const int64_t height = pixels.size(2);
  const int64_t width = pixels.size(3);
  if (shorter == 0 || std::min(height, width) == shorter) return pixels;
  // torchvision truncates the longer side.
  const int64_t new_height = height <= width ? shorter : shorter * height / width;
  const int64_t new_width = height <= width ? shorter * width / height : shorter;
  return at::_upsample_bilinear2d_aa(pixels.to(torch::kFloat), {new_height, new_width}, /*align_corners=*/false)
      .round()
      .clamp(0, 255)
      .to(torch::kByte);
}

at::Tensor cropped(const at::Tensor& pixels, int64_t height, int64_t width) {
  if (height == 0 || width == 0) return pixels;
  const int64_t missing_rows = std::max<int64_t>(0, height - pixels.size(2));
  const int64_t missing_columns = std::max<int64_t>(0, width - pixels.size(3));
  const at::Tensor padded = torch::constant_pad_nd(pixels, {missing_columns / 2, missing_columns - missing_columns / 2,
                                                            missing_rows / 2, missing_rows - missing_rows / 2});
  const int64_t top = std::lround(static_cast<double>(padded.size(2) - height) / 2);
  const int64_t left = std::lround(static_cast<double>(padded.size(3) - width) / 2);
  return padded.narrow(2, top, height).narrow(3, left, width).contiguous();
}

// What `normalized` makes of each byte in one channel.
std::array<float, 256> values_of_bytes(const ImageSpec& spec, size_t channel) {
  const auto mean = static_cast<float>(spec.mean[channel]);
  const auto std = static_cast<float>(spec.std[channel]);
  std::array<float, 256> values{};
  for (size_t byte = 0; byte < values.size(); ++byte) values[byte] = (static_cast<float>(byte) / 255 - mean) / std;
  return values;
}

}  // namespace

at::Tensor normalized(const at::Tensor& pixels, const ImageSpec& spec) {
  return pixels.to(torch::kFloat).div_(255).sub_(per_channel(spec.mean)).div_(per_channel(spec.std));
}

at::Tensor normalized_rows(const at::Tensor& pixels, const at::Tensor& rows, const ImageSpec& spec) {
  const at::Tensor from = pixels.contiguous();
  const at::Tensor order = rows.contiguous();
  std::vector<int64_t> shape = pixels.sizes().vec();
  shape[0] = order.size(0);
  at::Tensor out = torch::empty(shape, torch::kFloat);
  const int64_t channels = shape[1];
  const int64_t plane = from.stride(1);
  float* to = out.mutable_data_ptr<float>();
  for (int64_t c = 0; c < channels; ++c) {
    const std::array<float, 256> value = values_of_bytes(spec, static_cast<size_t>(c));
    for (int64_t i = 0; i < shape[0]; ++i) {
      const int64_t row = order.const_data_ptr<int64_t>()[i];
      const uint8_t* bytes = from.const_data_ptr<uint8_t>() + (row * channels + c) * plane;
      float* values = to + (i * channels + c) * plane;
      for (int64_t at = 0; at < plane; ++at) values[at] = value[bytes[at]];
    }
  }
  return out;
}

at::Tensor prepared(const codec::Image& image, const ImageSpec& spec) {
  if (image.height < 1 || image.width < 1)
    throw UserError("Expected an image of at least 1x1 pixels, found an empty one.");
  return cropped(resized(converted(image, spec.mode), spec.resize), spec.crop_height, spec.crop_width);
}

}  // namespace smlt::tensor
