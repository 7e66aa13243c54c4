#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "codec/array.hpp"

namespace smlt::tensor {

/// How an image becomes the input of a network: data in model.json, applied by the same code in training's evaluation,
/// in `predict` and in serving.
struct ImageSpec {
  std::string mode = "RGB";  // "L": one grey channel, "RGB": three
  int64_t resize = 0;        // the shorter side in pixels, antialiased bilinear as torchvision's Resize; 0: as it is
  int64_t crop_height = 0;   // then the middle of this size, padded with zeros where the image is smaller
  int64_t crop_width = 0;
  std::vector<double> mean;  // then (x / 255 - mean) / std, one of each a channel
  std::vector<double> std;

  int64_t channels() const { return mode == "L" ? 1 : 3; }
};

/// uint8 `[N, C, H, W]` of the right size to float, scaled and normalised.
at::Tensor normalized(const at::Tensor& pixels, const ImageSpec& spec);

/// A decoded image, converted, resized and cropped: uint8 `[1, C, crop_height, crop_width]`. Grey from colour as
/// Pillow's convert("L") (ITU-R 601-2); transparent pixels lie on black, the background of MNIST.
at::Tensor prepared(const codec::Image& image, const ImageSpec& spec);

}  // namespace smlt::tensor
