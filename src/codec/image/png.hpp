#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "codec/array/array.hpp"

namespace smlt::codec {

/// Whether `bytes` start with PNG's signature.
bool is_png(std::span<const uint8_t> bytes);

/// A PNG of any colour type, bit depth and interlacing, upright as its EXIF or XMP says, as Pillow's convert("RGB") has
/// it: grey stays one channel, a palette becomes RGB, and transparency of every kind is dropped. Of 16 bits the upper 8
/// are kept; grey without alpha is clipped at 255 instead. Damage outside the header, the palette and the pixels does
/// no harm, nor do wrong check sums of the pixels' chunks while zlib's own is right. `name` is what errors call it.
/// Throws UserError when it is no PNG, is damaged or cut off, or is larger than codec/image/image.hpp's limits.
Image decode_png(std::span<const uint8_t> bytes, std::string_view name);

}  // namespace smlt::codec
