// Any bytes as a JPEG, whole and at an eighth.
#include <cstdint>
#include <cstdlib>
#include <span>

#include "base/error.hpp"
#include "codec/image/jpeg.hpp"

namespace {

void decode(std::span<const uint8_t> bytes, int64_t shorter_side) {
  try {
    const smlt::codec::Image image = smlt::codec::decode_jpeg(bytes, "fuzz.jpg", shorter_side);
    const int64_t size = image.height * image.width * image.channels;
    if (size <= 0 || static_cast<size_t>(size) != image.pixels.size()) std::abort();
  } catch (const smlt::UserError&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  decode({data, size}, 0);
  decode({data, size}, 1);
  return 0;
}
