#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "codec/array/array.hpp"

namespace smlt::codec {

/// The largest image that is decoded: 256 MiB as RGBA. Checked before anything is allocated.
inline constexpr int64_t kMaxPixels = int64_t{64} << 20;
inline constexpr int64_t kMaxSide = 32768;

/// Whether `bytes` start as a format that decode_image knows: PNG or JPEG.
bool is_image(std::span<const uint8_t> bytes);

/// A PNG (codec/image/png.hpp) or JPEG (codec/image/jpeg.hpp), told apart by its first bytes, whatever the extension of
/// `name`, which errors call it. If `shorter_side` is above 0, the shorter side keeps at least that many pixels: a JPEG
/// may be decoded at a half, a quarter or an eighth. Throws UserError if it is neither, is damaged, or is larger than
/// the limits.
Image decode_image(std::span<const uint8_t> bytes, std::string_view name, int64_t shorter_side = 0);

/// Throws UserError if the sides that a header of `format` claims exceed the limits.
void check_image_size(std::string_view format, int64_t width, int64_t height, std::string_view name);

}  // namespace smlt::codec
