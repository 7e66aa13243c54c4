#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace smlt::codec {

/// How many bytes of a file are needed to tell its format.
inline constexpr size_t kFormatBytes = 16;

/// The picture format that a file's first bytes show, if it is one that is not decoded: "WebP", "HEIC", "AVIF", "TIFF",
/// "BMP", "GIF", "PNM", "JPEG 2000", "JPEG XL", "Photoshop". "" for PNG, JPEG and anything else.
std::string_view undecoded_format(std::span<const uint8_t> bytes);

}  // namespace smlt::codec
