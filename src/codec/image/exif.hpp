#pragma once

#include <cstdint>
#include <span>

#include "codec/array/array.hpp"

namespace smlt::codec {

/// Whether a segment starts as EXIF does in a JPEG.
bool is_exif(std::span<const uint8_t> segment);

/// What Pillow's exif_transpose goes by, 1 to 8: the orientation in the EXIF (the content of a JPEG's APP1 segment or a
/// PNG's eXIf chunk), or in the packet of XMP where that says nothing; 1, as it lies, where neither does or what they
/// say makes no sense. Damage in them does no harm.
int orientation_of(std::span<const uint8_t> exif, std::span<const uint8_t> xmp);

/// The image turned and mirrored so that what `orientation` calls the top is at the top.
Image upright(Image image, int orientation);

}  // namespace smlt::codec
