#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "codec/array.hpp"

namespace smlt::codec {

/// Whether `bytes` start with PNG's signature.
bool is_png(std::span<const uint8_t> bytes);

/// A PNG of any colour type, bit depth and interlacing. Grey stays grey, whatever its depth; a palette becomes RGB;
/// grey, RGB or a palette with transparency becomes RGBA. Of 16 bits the upper 8 are kept, as Pillow does for RGB (for
/// grey it clips, which leaves a white image; here grey is treated as RGB is). `name` is what errors call it. Throws
/// UserError when it is no PNG, is damaged, or is larger than codec/image.hpp's limits.
Image decode_png(std::span<const uint8_t> bytes, std::string_view name);

/// The bytes of a PNG with these pixels, 8 bits a sample.
std::string encode_png(const Image& image);

}  // namespace smlt::codec
