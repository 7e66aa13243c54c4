#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "codec/array/array.hpp"

namespace smlt::codec {

/// Whether `bytes` start as a JPEG does (FF D8 FF).
bool is_jpeg(std::span<const uint8_t> bytes);

/// A JPEG, baseline or progressive, upright as its EXIF orientation says. Grey stays one channel, everything else
/// becomes RGB; CMYK and YCCK are read as Adobe stores them (inverted) and converted without a colour profile, as
/// Pillow does. The values are those of libjpeg's accurate transform and smooth upsampling, which Pillow uses too. If
/// `shorter_side` is above 0, the image is decoded at the smallest of a half, a quarter and an eighth that leaves its
/// shorter side that many pixels. `name` is what errors call it. Throws UserError if it is not a JPEG, is cut off
/// before its last row (libjpeg would fill the rest with grey), is arithmetic-coded, or is larger than
/// codec/image/image.hpp's limits. Damage that libjpeg only warns about is accepted, as Pillow does.
Image decode_jpeg(std::span<const uint8_t> bytes, std::string_view name, int64_t shorter_side = 0);

}  // namespace smlt::codec
