// Any bytes as a PNG, as they are and with the checksums of their chunks corrected: otherwise nearly every change would
// end at the first of them.
#include <zlib.h>

#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "codec/image/png.hpp"

namespace {

constexpr size_t kSignature = 8, kLengthAndType = 8, kCheckSum = 4;

std::vector<uint8_t> with_check_sums(std::span<const uint8_t> bytes) {
  std::vector<uint8_t> out(bytes.begin(), bytes.end());
  size_t at = kSignature;
  while (at + kLengthAndType + kCheckSum <= out.size()) {
    const size_t length = smlt::from_big_endian(std::span(out).subspan(at, 4));
    if (length > out.size() - at - kLengthAndType - kCheckSum) break;
    const uLong crc = crc32(0, &out[at + 4], static_cast<uInt>(length + 4));
    at += kLengthAndType + length;
    for (const int shift : {24, 16, 8, 0}) out[at++] = static_cast<uint8_t>(crc >> shift);
  }
  return out;
}

void decode(std::span<const uint8_t> bytes) {
  try {
    const smlt::codec::Image image = smlt::codec::decode_png(bytes, "fuzz.png");
    const int64_t size = image.height * image.width * image.channels;
    if (size <= 0 || static_cast<size_t>(size) != image.pixels.size()) std::abort();
  } catch (const smlt::UserError&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  decode({data, size});
  decode(with_check_sums({data, size}));
  return 0;
}
