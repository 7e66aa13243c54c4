#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace smlt::codec {

/// The parts of a PNG that matter to its picture.
struct PngChunks {
  /// The signature and the chunks IHDR, PLTE, IDAT and IEND, whole, in the file's order, neighbours as one part: what
  /// libpng gets to see. Colour profiles, texts and transparency are not used here, so damage in them is harmless.
  std::vector<std::span<const uint8_t>> picture;
  bool is_sound = true;  // the checksums of IHDR and PLTE are right; zlib's own guards the pixels
  int orientation = 1;   // of eXIf or XMP, before the pixels or after them
};

/// Walks through the chunks of a file that starts with PNG's signature, until its end or the first one that makes no
/// sense.
PngChunks png_chunks(std::span<const uint8_t> bytes);

}  // namespace smlt::codec
