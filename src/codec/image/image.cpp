#include "codec/image/image.hpp"

#include "base/error.hpp"
#include "base/text.hpp"
#include "codec/image/image_format.hpp"
#include "codec/image/jpeg.hpp"
#include "codec/image/png.hpp"

namespace smlt::codec {

bool is_image(std::span<const uint8_t> bytes) { return is_png(bytes) || is_jpeg(bytes); }

Image decode_image(std::span<const uint8_t> bytes, std::string_view name, int64_t shorter_side) {
  if (is_png(bytes)) return decode_png(bytes, name);
  if (is_jpeg(bytes)) return decode_jpeg(bytes, name, shorter_side);
  const std::string_view format = undecoded_format(bytes);
  if (format.empty()) throw UserError("Expected a PNG or JPEG image, found another file: {}.", in_quotes(name, 200));
  throw UserError("Expected a PNG or JPEG image, found {}: {}; convert it.", format, in_quotes(name, 200));
}

void check_image_size(std::string_view format, int64_t width, int64_t height, std::string_view name) {
  if (width <= kMaxSide && height <= kMaxSide && width * height <= kMaxPixels) return;
  throw UserError("Expected a {} of at most {} pixels and {} per side, found {} x {} in {}; scale it down.", format,
                  kMaxPixels, kMaxSide, width, height, in_quotes(name, 200));
}

}  // namespace smlt::codec
