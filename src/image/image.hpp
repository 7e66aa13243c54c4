#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "codec/array/array.hpp"

namespace smlt::image {

/// How an image becomes the input of a network: data in model.json, applied by the same code in training's evaluation,
/// in `predict` and in serving.
struct ImageSpec {
  std::string mode = "RGB";  // "L": one grey channel, "RGB": three
  int64_t resize = 0;        // the shorter side in pixels, antialiased bilinear as torchvision's Resize; 0: unchanged
  int64_t crop_height = 0;   // then the middle of this size, padded with zeros if the image is smaller
  int64_t crop_width = 0;
  std::vector<double> mean;  // then (x / 255 - mean) / std, one of each per channel
  std::vector<double> std;

  int64_t channels() const { return mode == "L" ? 1 : 3; }

  /// The least that a decoder should leave of the shorter side (codec::decode_image): at twice the size that the image
  /// is resized to, decoding a larger one at a half makes no visible difference (Pillow's reducing_gap); 0: everything.
  int64_t decoded_side() const { return 2 * resize; }
};

/// uint8 `[N, C, H, W]` of the right size to float, scaled and normalised.
at::Tensor normalized(const at::Tensor& pixels, const ImageSpec& spec);

/// A decoded image, converted, resized and cropped: uint8 `[1, C, crop_height, crop_width]`. Colour becomes grey as in
/// Pillow's convert("L") (ITU-R 601-2). Throws UserError for an image so long and narrow that resizing would make it
/// huge.
at::Tensor prepared(const codec::Image& image, const ImageSpec& spec);

/// The same for uint8 `[1, C, H, W]`.
at::Tensor prepared(const at::Tensor& pixels, const ImageSpec& spec);

/// A decoded image, converted as by `prepared` and made smaller if its shorter side has more than `most` pixels: uint8
/// `[1, C, H, W]`, channels last in memory.
at::Tensor shrunk(const codec::Image& image, const std::string& mode, int64_t most);

}  // namespace smlt::image
