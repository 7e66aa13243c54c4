#pragma once

#include <jpeglib.h>

#include <cstdint>
#include <cstdio>  // jpeglib.h needs it
#include <cstdlib>
#include <string>
#include <vector>

#include "base/bytes.hpp"

namespace smlt::test {

/// A JPEG to be written by libjpeg, whose errors end the test program.
struct MadeJpeg {
  uint32_t width = 1;
  uint32_t height = 1;
  J_COLOR_SPACE given = JCS_RGB;      // of `samples`: JCS_GRAYSCALE, JCS_RGB or JCS_CMYK
  J_COLOR_SPACE stored = JCS_YCbCr;   // in the file
  std::vector<uint8_t> samples = {};  // [height, width, components]
  int quality = 100;
  bool is_progressive = false;
  bool is_arithmetic = false;
  std::string app1 = "";  // an APP1 segment
};

inline int components_of(J_COLOR_SPACE space) { return space == JCS_GRAYSCALE ? 1 : space == JCS_CMYK ? 4 : 3; }

/// Samples that change slowly, so that JPEG keeps them within a few levels.
inline std::vector<uint8_t> slow_samples(uint32_t width, uint32_t height, int components) {
  std::vector<uint8_t> out;
  for (uint32_t y = 0; y < height; ++y) {
    for (uint32_t x = 0; x < width; ++x) {
      for (int c = 0; c < components; ++c) {
        out.push_back(static_cast<uint8_t>(40 + 150 *
                                                    (c == 0   ? x
                                                     : c == 1 ? y
                                                              : x + y) /
                                                    (c == 2   ? width + height
                                                     : c == 1 ? height
                                                              : width)));
      }
    }
  }
  return out;
}

inline std::string made_jpeg(const MadeJpeg& image) {
  jpeg_compress_struct jpeg{};
  jpeg_error_mgr errors{};
  jpeg.err = jpeg_std_error(&errors);
  jpeg_create_compress(&jpeg);
  unsigned char* bytes = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&jpeg, &bytes, &size);
  jpeg.image_width = image.width;
  jpeg.image_height = image.height;
  jpeg.in_color_space = image.given;
  jpeg.input_components = components_of(image.given);
  jpeg_set_defaults(&jpeg);
  jpeg_set_colorspace(&jpeg, image.stored);
  jpeg_set_quality(&jpeg, image.quality, TRUE);
  for (int i = 0; i < jpeg.num_components; ++i) jpeg.comp_info[i].h_samp_factor = jpeg.comp_info[i].v_samp_factor = 1;
  jpeg.arith_code = image.is_arithmetic ? TRUE : FALSE;
  if (image.is_progressive) jpeg_simple_progression(&jpeg);
  jpeg_start_compress(&jpeg, TRUE);
  if (!image.app1.empty()) {
    jpeg_write_marker(&jpeg, JPEG_APP0 + 1, reinterpret_cast<const JOCTET*>(image.app1.data()),
                      static_cast<unsigned>(image.app1.size()));
  }
  std::vector<uint8_t> samples = image.samples;
  const size_t row_size = size_t{image.width} * static_cast<size_t>(jpeg.input_components);
  for (uint32_t y = 0; y < image.height; ++y) {
    JSAMPROW row = samples.data() + y * row_size;
    jpeg_write_scanlines(&jpeg, &row, 1);
  }
  jpeg_finish_compress(&jpeg);
  jpeg_destroy_compress(&jpeg);
  std::string out(reinterpret_cast<const char*>(bytes), size);
  std::free(bytes);
  return out;
}

/// The content of an APP1 segment with an orientation, in either byte order, as TIFF's BYTE (1), SHORT (3), LONG (4) or
/// their signed forms (6, 8, 9).
inline std::string exif_segment(uint16_t orientation, bool is_big_endian, uint32_t type = 3, uint32_t count = 1) {
  std::string tiff;
  const auto put = [&](uint32_t value, size_t size) {
    tiff += is_big_endian ? to_big_endian(value, size) : to_little_endian(value, size);
  };
  tiff = is_big_endian ? "MM" : "II";
  put(42, 2), put(8, 4);                             // the directory follows at once
  put(2, 2);                                         // entries
  put(0x0100, 2), put(4, 2), put(1, 4), put(77, 4);  // another tag
  const size_t size = type == 1 || type == 6 ? 1 : type == 3 || type == 8 ? 2 : 4;
  put(0x0112, 2), put(type, 2), put(count, 4), put(orientation, size), put(0, 4 - size);
  return std::string("Exif\0\0", 6) + tiff;
}

}  // namespace smlt::test
