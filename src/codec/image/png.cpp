#include "codec/image/png.hpp"

#include <png.h>

#include <algorithm>
#include <array>
#include <csetjmp>
#include <cstring>
#include <new>
#include <utility>

#include "base/error.hpp"
#include "base/text.hpp"
#include "codec/image/exif.hpp"
#include "codec/image/image.hpp"
#include "codec/image/png_chunks.hpp"

// libpng reports errors by longjmp, which skips destructors. So a function with setjmp in it, and what it calls, holds
// nothing but plain values; the objects live in its caller.

namespace smlt::codec {
namespace {

constexpr size_t kSignatureSize = 8;
constexpr int64_t kLargestRatio = 1032;  // of deflate: 258 bytes for two bits
using Reason = std::array<char, 128>;

[[noreturn]] void on_error(png_structp png, png_const_charp message) {
  Reason& reason = *static_cast<Reason*>(png_get_error_ptr(png));
  std::strncpy(reason.data(), message, reason.size() - 1);
  png_longjmp(png, 1);
}

void on_warning(png_structp, png_const_charp) {}  // libpng would print it

class Reader {
 public:
  explicit Reader(std::span<const std::span<const uint8_t>> parts)
      : parts_(parts), png_(png_create_read_struct(PNG_LIBPNG_VER_STRING, &reason_, on_error, on_warning)) {
    if (png_ != nullptr) info_ = png_create_info_struct(png_);
    if (info_ == nullptr) {
      png_destroy_read_struct(&png_, nullptr, nullptr);
      throw std::bad_alloc();
    }
    png_set_read_fn(png_, this, on_read);
  }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  ~Reader() { png_destroy_read_struct(&png_, &info_, nullptr); }

  // Both return false if libpng gave up.
  bool read_header();
  bool read_pixels(uint8_t* pixels);

  const char* reason() const { return reason_.data(); }
  int64_t width() const { return png_get_image_width(png_, info_); }
  int64_t height() const { return png_get_image_height(png_, info_); }
  int64_t file_bits_per_pixel() const {
    return int64_t{png_get_bit_depth(png_, info_)} * png_get_channels(png_, info_);
  }
  int64_t channels() const;
  bool is_deep_grey() const {
    return png_get_color_type(png_, info_) == PNG_COLOR_TYPE_GRAY && png_get_bit_depth(png_, info_) == 16;
  }

 private:
  static void on_read(png_structp png, png_bytep into, size_t size) {
    Reader& reader = *static_cast<Reader*>(png_get_io_ptr(png));
    while (size > 0) {
      if (reader.rest_.empty()) {
        if (reader.parts_.empty()) png_error(png, "it is cut off");
        reader.rest_ = reader.parts_.front();
        reader.parts_ = reader.parts_.subspan(1);
        continue;
      }
      const size_t taken = std::min(size, reader.rest_.size());
      std::memcpy(into, reader.rest_.data(), taken);
      reader.rest_ = reader.rest_.subspan(taken);
      into += taken, size -= taken;
    }
  }
  void set_transforms();

  Reason reason_{};
  std::span<const std::span<const uint8_t>> parts_;
  std::span<const uint8_t> rest_;  // of the part being read
  png_structp png_;
  png_infop info_ = nullptr;
};

bool Reader::read_header() {
  if (setjmp(png_jmpbuf(png_)) != 0) return false;
  png_set_user_limits(png_, PNG_UINT_31_MAX, PNG_UINT_31_MAX);     // ours follow, with a sentence
  png_set_crc_action(png_, PNG_CRC_QUIET_USE, PNG_CRC_QUIET_USE);  // only zlib's checksum counts for the pixels
  png_read_info(png_, info_);
  return true;
}

int64_t Reader::channels() const { return (png_get_color_type(png_, info_) & PNG_COLOR_MASK_COLOR) != 0 ? 3 : 1; }

void Reader::set_transforms() {
  png_set_expand(png_);  // palettes, and fewer than 8 bits
  png_set_strip_alpha(png_);
  if (!is_deep_grey()) png_set_strip_16(png_);
}

bool Reader::read_pixels(uint8_t* pixels) {
  if (setjmp(png_jmpbuf(png_)) != 0) return false;
  const size_t row_size = static_cast<size_t>(width() * channels() * (is_deep_grey() ? 2 : 1));
  const png_uint_32 rows = png_get_image_height(png_, info_);
  set_transforms();
  const int passes = png_set_interlace_handling(png_);
  png_read_update_info(png_, info_);
  if (png_get_rowbytes(png_, info_) != row_size) png_error(png_, "its rows have an unexpected size");
  for (int pass = 0; pass < passes; ++pass) {
    for (png_uint_32 row = 0; row < rows; ++row) png_read_row(png_, pixels + row * row_size, nullptr);
  }
  return true;
}

[[noreturn]] void refuse(std::string_view name, std::string_view reason) {
  throw UserError("{} is not a PNG that can be read: {}.", in_quotes(name, 200), reason);
}

void check_size(const Reader& reader, size_t file_size, std::string_view name) {
  const int64_t width = reader.width(), height = reader.height();
  check_image_size("PNG", width, height, name);
  if (width * height * reader.file_bits_per_pixel() / 8 > static_cast<int64_t>(file_size) * kLargestRatio) {
    refuse(name, fmt::format("{} bytes cannot hold {} x {} pixels", file_size, width, height));
  }
}

// Grey of 16 bits is clipped to 8, as Pillow does: 256 and more is white.
void clip(std::vector<uint8_t>& samples) {
  for (size_t i = 0; i < samples.size() / 2; ++i) samples[i] = samples[2 * i] != 0 ? 255 : samples[2 * i + 1];
  samples.resize(samples.size() / 2);
}

}  // namespace

bool is_png(std::span<const uint8_t> bytes) {
  return bytes.size() >= kSignatureSize && png_sig_cmp(bytes.data(), 0, kSignatureSize) == 0;
}

Image decode_png(std::span<const uint8_t> bytes, std::string_view name) {
  if (!is_png(bytes)) refuse(name, "it does not start with PNG's signature");
  const PngChunks chunks = png_chunks(bytes);
  if (!chunks.is_sound) refuse(name, "its header or palette is damaged");
  Reader reader(chunks.picture);
  if (!reader.read_header()) refuse(name, reader.reason());
  check_size(reader, bytes.size(), name);
  Image image{reader.height(), reader.width(), reader.channels(), {}};
  const bool is_deep_grey = reader.is_deep_grey();
  image.pixels.resize(static_cast<size_t>(image.height * image.width * image.channels * (is_deep_grey ? 2 : 1)));
  if (!reader.read_pixels(image.pixels.data())) refuse(name, reader.reason());
  if (is_deep_grey) clip(image.pixels);
  return upright(std::move(image), chunks.orientation);
}

}  // namespace smlt::codec
