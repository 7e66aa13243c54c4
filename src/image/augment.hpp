#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "image/image.hpp"
#include "tensor/random.hpp"

namespace smlt::image {

/// torchvision's RandomResizedCrop, RandomRotation (nearest pixel), RandomHorizontalFlip and CenterCrop, in this order.
struct AugmentSpec {
  double smallest_area = 0.8;    // of the random crop, as a share of the image; the largest is all of it
  double smallest_ratio = 0.75;  // width / height of the crop; the largest is its inverse
  int64_t resize = 256;          // both sides of the crop afterwards, antialiased bilinear
  double degrees = 15;           // the rotation is between minus and plus this
};

/// One draw. Angles are in degrees, counter-clockwise.
struct Augmentation {
  int64_t top = 0, left = 0, height = 0, width = 0;  // of the crop
  double angle = 0;
  bool is_flipped = false;
};

/// Drawn uniformly for an image of this size, as in torchvision, from this step's stream number `row`.
Augmentation draw_augmentation(const AugmentSpec& spec, int64_t height, int64_t width,
                               const tensor::StepRandomness& now, int64_t row);

/// Applies it to uint8 `[1, C, H, W]` (channels last in memory), crops the middle and normalises by `image`. Writes
/// crop_height * crop_width * C floats, channels last, to `out`.
void augment(const at::Tensor& pixels, const AugmentSpec& spec, const Augmentation& drawn, const ImageSpec& image,
             float* out);

}  // namespace smlt::image
