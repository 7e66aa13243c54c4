#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "codec/array/array.hpp"

namespace smlt::codec {

/// The orientation (Exif 2.3, tag 0x0112 of the first directory) in the content of a JPEG's APP1 segment or a PNG's
/// eXIf chunk, stored as an integer of any size; nullopt without one. Damage after it does not matter.
std::optional<uint32_t> exif_orientation(std::span<const uint8_t> exif);

/// The same of a packet of XMP (tiff:Orientation), in which editors that write no EXIF put it.
std::optional<uint32_t> xmp_orientation(std::span<const uint8_t> xmp);

/// Whether a segment starts as EXIF does in a JPEG.
bool is_exif(std::span<const uint8_t> segment);

/// What Pillow's exif_transpose goes by, 1 to 8: the EXIF, or the XMP where that says nothing; 1, as it lies, where
/// neither does or what they say makes no sense.
int orientation_of(std::span<const uint8_t> exif, std::span<const uint8_t> xmp);

/// The image turned and mirrored so that what `orientation` calls the top is at the top.
Image upright(Image image, int orientation);

}  // namespace smlt::codec
