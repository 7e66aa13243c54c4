#include "codec/image/png_chunks.hpp"

#include <zlib.h>

#include <algorithm>
#include <string_view>

#include "base/bytes.hpp"
#include "codec/image/exif.hpp"

namespace smlt::codec {
namespace {

constexpr size_t kSignatureSize = 8;
constexpr size_t kFrame = 12;  // length, type and checksum
constexpr std::string_view kXmp{"XML:com.adobe.xmp\0", 18};

std::string_view text(std::span<const uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// For a chunk that is complete.
bool has_check_sum(std::span<const uint8_t> chunk) {
  const std::span<const uint8_t> summed = chunk.subspan(4, chunk.size() - 8);
  return ::crc32_z(0, summed.data(), summed.size()) == from_big_endian(chunk.last(4));
}

void add(std::vector<std::span<const uint8_t>>& parts, std::span<const uint8_t> chunk) {
  std::span<const uint8_t>& last = parts.back();
  if (last.data() + last.size() == chunk.data()) {
    last = {last.data(), last.size() + chunk.size()};
  } else {
    parts.push_back(chunk);
  }
}

}  // namespace

PngChunks png_chunks(std::span<const uint8_t> bytes) {
  PngChunks found;
  std::span<const uint8_t> exif, xmp, rest = bytes.subspan(kSignatureSize);
  found.picture.push_back(bytes.first(kSignatureSize));
  while (rest.size() >= 8) {
    const size_t size = from_big_endian(rest.first(4)) + kFrame;
    const std::span<const uint8_t> chunk = rest.first(std::min(size, rest.size()));
    const std::string_view type = text(chunk.subspan(4, 4));
    const bool is_whole = chunk.size() == size;
    if (type == "IHDR" || type == "PLTE" || type == "IDAT" || type == "IEND") {
      add(found.picture, chunk);
      if (is_whole && type != "IDAT" && type != "IEND") found.is_sound &= has_check_sum(chunk);
    }
    if (is_whole && type == "eXIf") exif = chunk.subspan(8, size - kFrame);
    if (is_whole && type == "iTXt" && text(chunk.subspan(8)).starts_with(kXmp)) xmp = chunk.subspan(8, size - kFrame);
    if (!is_whole || type == "IEND") break;
    rest = rest.subspan(size);
  }
  found.orientation = orientation_of(exif, xmp);
  return found;
}

}  // namespace smlt::codec
