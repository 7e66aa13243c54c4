#include "codec/image/jpeg.hpp"

#include <jerror.h>
#include <jpeglib.h>

#include <algorithm>
#include <array>
#include <csetjmp>
#include <cstdio>  // jpeglib.h needs it

#include "base/error.hpp"
#include "base/text.hpp"
#include "codec/image/exif.hpp"
#include "codec/image/image.hpp"

// libjpeg reports errors through a function that must not return: it jumps, which skips destructors. So a function with
// setjmp in it, and what it calls, holds nothing but plain values; the objects live in its caller.

namespace smlt::codec {
namespace {

constexpr long kMostMemory = 512L << 20;  // libjpeg's own: the coefficients of a progressive file
constexpr int kMostScans = 200;           // a progressive file passes over the whole image once per scan; ten are usual
constexpr int kMetadata = JPEG_APP0 + 1;  // EXIF and XMP
// A block of 64 pixels takes at least one bit, in a few scans only.
constexpr int64_t kMostPixelsPerByte = 1024;

struct Errors {
  jpeg_error_mgr base;  // first, because libjpeg knows only this part
  std::jmp_buf jump;
  std::array<char, JMSG_LENGTH_MAX> reason;
  bool is_cut_off;  // the end of the bytes was reached
  bool lacks_data;  // a segment ended before its rows
};

Errors& errors_of(j_common_ptr jpeg) { return *reinterpret_cast<Errors*>(jpeg->err); }

[[noreturn]] void on_error(j_common_ptr jpeg) {
  Errors& errors = errors_of(jpeg);
  jpeg->err->format_message(jpeg, errors.reason.data());
  std::longjmp(errors.jump, 1);
}

[[noreturn]] void give_up(j_common_ptr jpeg, const char* reason) {
  Errors& errors = errors_of(jpeg);
  std::snprintf(errors.reason.data(), errors.reason.size(), "%s", reason);
  std::longjmp(errors.jump, 1);
}

// libjpeg continues after damage, and Pillow accepts the result; but if the file ends before the picture does, libjpeg
// would fill the rest with grey, and Pillow refuses it.
void on_message(j_common_ptr jpeg, int level) {
  if (level >= 0) return;  // not a warning
  Errors& errors = errors_of(jpeg);
  const int code = jpeg->err->msg_code;
  if (code == JWRN_JPEG_EOF) errors.is_cut_off = true;
  if (code == JWRN_HIT_MARKER) errors.lacks_data = true;
  if (errors.is_cut_off && errors.lacks_data) give_up(jpeg, "its data ends too early");
}

void on_progress(j_common_ptr jpeg) {
  if (reinterpret_cast<j_decompress_ptr>(jpeg)->input_scan_number > kMostScans) give_up(jpeg, "it has too many scans");
}

bool is_xmp(std::span<const uint8_t> segment) {
  constexpr std::string_view kStart{"http://ns.adobe.com/xap/1.0/\0", 29};
  return segment.size() >= kStart.size() && std::equal(kStart.begin(), kStart.end(), segment.begin());
}

class Reader {
 public:
  explicit Reader(std::span<const uint8_t> bytes) : bytes_(bytes) {
    jpeg_.err = jpeg_std_error(&errors_.base);
    errors_.base.error_exit = on_error;
    errors_.base.emit_message = on_message;
    progress_.progress_monitor = on_progress;
  }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  ~Reader() { jpeg_destroy_decompress(&jpeg_); }

  // Each returns false if libjpeg gave up.
  bool read_header();
  bool start(int64_t shorter_side);
  bool read_pixels(uint8_t* pixels);

  const char* reason() const { return errors_.reason.data(); }
  int64_t width() const { return jpeg_.image_width; }
  int64_t height() const { return jpeg_.image_height; }
  int64_t output_width() const { return jpeg_.output_width; }
  int64_t output_height() const { return jpeg_.output_height; }
  int64_t components() const { return jpeg_.output_components; }
  int orientation() const;

 private:
  j_common_ptr common() { return reinterpret_cast<j_common_ptr>(&jpeg_); }

  std::span<const uint8_t> bytes_;
  Errors errors_{};
  jpeg_progress_mgr progress_{};
  jpeg_decompress_struct jpeg_{};
};

bool Reader::read_header() {
  if (setjmp(errors_.jump) != 0) return false;
  jpeg_create_decompress(&jpeg_);
  jpeg_.mem->max_memory_to_use = kMostMemory;
  jpeg_.progress = &progress_;
  jpeg_mem_src(&jpeg_, bytes_.data(), bytes_.size());
  jpeg_save_markers(&jpeg_, kMetadata, 0xFFFF);
  jpeg_read_header(&jpeg_, TRUE);
  if (jpeg_.arith_code) give_up(common(), "it is arithmetic-coded; save it as a usual JPEG");
  return true;
}

J_COLOR_SPACE wanted_space(J_COLOR_SPACE stored) {
  if (stored == JCS_GRAYSCALE) return JCS_GRAYSCALE;
  return stored == JCS_CMYK || stored == JCS_YCCK ? JCS_CMYK : JCS_RGB;
}

bool Reader::start(int64_t shorter_side) {
  if (setjmp(errors_.jump) != 0) return false;
  jpeg_.out_color_space = wanted_space(jpeg_.jpeg_color_space);
  for (const unsigned denominator : {2U, 4U, 8U}) {
    if (shorter_side > 0 && std::min(width(), height()) / denominator >= shorter_side) jpeg_.scale_denom = denominator;
  }
  jpeg_start_decompress(&jpeg_);  // a progressive file is read to its end here
  if (errors_.is_cut_off && jpeg_has_multiple_scans(&jpeg_)) give_up(common(), "its data ends too early");
  return true;
}

bool Reader::read_pixels(uint8_t* pixels) {
  if (setjmp(errors_.jump) != 0) return false;
  const size_t row_size = size_t{jpeg_.output_width} * static_cast<size_t>(jpeg_.output_components);
  while (jpeg_.output_scanline < jpeg_.output_height) {
    JSAMPROW row = pixels + jpeg_.output_scanline * row_size;
    jpeg_read_scanlines(&jpeg_, &row, 1);
  }
  return true;
}

int Reader::orientation() const {
  std::span<const uint8_t> exif, xmp;
  for (jpeg_saved_marker_ptr marker = jpeg_.marker_list; marker != nullptr; marker = marker->next) {
    const std::span<const uint8_t> segment(marker->data, marker->data_length);
    if (exif.empty() && is_exif(segment)) exif = segment;  // a second one continues the first
    if (is_xmp(segment)) xmp = segment;
  }
  return orientation_of(exif, xmp);
}

[[noreturn]] void refuse(std::string_view name, std::string_view reason) {
  throw UserError("{} is not a JPEG that can be read: {}.", in_quotes(name, 200), printable(reason));
}

// Inverted CMYK, as Adobe writes it: each ink value is the remaining light. Rounded as in Pillow.
std::vector<uint8_t> rgb_of(const std::vector<uint8_t>& cmyk) {
  std::vector<uint8_t> rgb(cmyk.size() / 4 * 3);
  for (size_t from = 0, to = 0; from < cmyk.size(); from += 4) {
    const int black = cmyk[from + 3];
    for (size_t ink = 0; ink < 3; ++ink) {
      const int product = (255 - cmyk[from + ink]) * black + 128;
      rgb[to++] = static_cast<uint8_t>(std::max(0, black - ((product + (product >> 8)) >> 8)));
    }
  }
  return rgb;
}

void check_header(const Reader& reader, size_t file_size, std::string_view name) {
  check_image_size("JPEG", reader.width(), reader.height(), name);
  if (reader.width() * reader.height() > static_cast<int64_t>(file_size) * kMostPixelsPerByte) {
    refuse(name, fmt::format("{} bytes cannot hold {} x {} pixels", file_size, reader.width(), reader.height()));
  }
}

}  // namespace

bool is_jpeg(std::span<const uint8_t> bytes) {
  return bytes.size() >= 3 && bytes[0] == 0xFF && bytes[1] == 0xD8 && bytes[2] == 0xFF;
}

Image decode_jpeg(std::span<const uint8_t> bytes, std::string_view name, int64_t shorter_side) {
  if (!is_jpeg(bytes)) refuse(name, "it does not start like a JPEG");
  Reader reader(bytes);
  if (!reader.read_header()) refuse(name, reader.reason());
  check_header(reader, bytes.size(), name);
  if (!reader.start(shorter_side)) refuse(name, reader.reason());
  Image image{reader.output_height(), reader.output_width(), reader.components(), {}};
  image.pixels.resize(static_cast<size_t>(image.height * image.width * image.channels));
  if (!reader.read_pixels(image.pixels.data())) refuse(name, reader.reason());
  if (image.channels == 4) {
    image.pixels = rgb_of(image.pixels);
    image.channels = 3;
  }
  return upright(std::move(image), reader.orientation());
}

}  // namespace smlt::codec
