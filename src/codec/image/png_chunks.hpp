#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace smlt::codec {

/// What of a PNG matters to its picture.
struct PngChunks {
  /// The signature and the chunks IHDR, PLTE, IDAT and IEND, whole, in the file's order, neighbours as one
  /// part: what libpng is to see. Colour
  /// profiles, texts and transparency are of no use here, so damage in them does no harm.
  std::vector<std::span<const uint8_t>> picture;
  bool is_sound = true;  // IHDR and PLTE have their check sums; zlib's own guards the pixels
  int orientation = 1;   // of eXIf or XMP, before the pixels or after them
};

/// Walks through the chunks of a file that starts with PNG's signature, to its end or as far as they make sense.
PngChunks png_chunks(std::span<const uint8_t> bytes);

}  // namespace smlt::codec
