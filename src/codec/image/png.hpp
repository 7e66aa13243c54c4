#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "codec/array/array.hpp"

namespace smlt::codec {

/// Whether `bytes` start with PNG's signature.
bool is_png(std::span<const uint8_t> bytes);

/// A PNG of any colour type, bit depth and interlacing, upright as its EXIF or XMP says, as Pillow's convert("RGB")
/// returns it: grey stays one channel, a palette becomes RGB, and transparency of every kind is dropped. The upper 8 of
/// 16 bits are kept; grey without alpha is clipped at 255 instead. Damage outside the header, the palette and the
/// pixels is harmless, and so are wrong checksums of pixel chunks if zlib's own is right. `name` is what errors call
/// it. Throws UserError if it is not a PNG, is damaged or cut off, or is larger than codec/image/image.hpp's limits.
Image decode_png(std::span<const uint8_t> bytes, std::string_view name);

}  // namespace smlt::codec
