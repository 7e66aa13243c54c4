#pragma once

#include <cstdint>
#include <span>

#include "codec/array.hpp"

namespace smlt::codec {

/// The orientation, 1 to 8, in the content of a JPEG's APP1 segment (Exif 2.3, tag 0x0112 of the first directory); 1,
/// as it lies, where there is none or it makes no sense.
int exif_orientation(std::span<const uint8_t> segment);

/// The image turned and mirrored so that what `orientation` calls the top is at the top.
Image upright(Image image, int orientation);

}  // namespace smlt::codec
