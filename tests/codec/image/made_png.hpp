#pragma once

#include <zlib.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"

namespace smlt::test {

/// A PNG put together by hand, so that the decoder is not tested by the library it uses.
struct MadePng {
  uint32_t width = 1;
  uint32_t height = 1;
  int bit_depth = 8;
  int color_type = 0;             // 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGBA
  std::vector<uint16_t> samples;  // [height, width, samples per pixel]
  bool is_interlaced = false;
  std::string palette = "";       // PLTE: three bytes per entry
  std::string transparency = "";  // tRNS, as in the file

  size_t samples_per_pixel() const { return color_type == 2 ? 3 : color_type == 4 ? 2 : color_type == 6 ? 4 : 1; }
};

inline std::string png_chunk(std::string_view type, std::string_view data) {
  const std::string body = std::string(type) + std::string(data);
  const auto crc = crc32(0, reinterpret_cast<const Bytef*>(body.data()), static_cast<uInt>(body.size()));
  return to_big_endian(data.size(), 4) + body + to_big_endian(crc, 4);
}

inline std::string deflated(std::string_view data) {
  uLongf size = compressBound(data.size());
  std::string out(size, '\0');
  compress(reinterpret_cast<Bytef*>(out.data()), &size, reinterpret_cast<const Bytef*>(data.data()), data.size());
  out.resize(size);
  return out;
}

/// The pixels of every `dx`-th column from `x0` and every `dy`-th row from `y0` as PNG stores them: one filter byte per
/// row, samples packed from the highest bit.
inline std::string png_rows(const MadePng& png, uint32_t x0, uint32_t y0, uint32_t dx, uint32_t dy) {
  std::string out;
  for (uint32_t y = y0; x0 < png.width && y < png.height; y += dy) {
    out += '\0';
    unsigned bits = 0, held = 0;
    for (uint32_t x = x0; x < png.width; x += dx) {
      for (size_t s = 0; s < png.samples_per_pixel(); ++s) {
        const unsigned sample = png.samples.at((y * png.width + x) * png.samples_per_pixel() + s);
        held = held << png.bit_depth | sample;
        for (bits += static_cast<unsigned>(png.bit_depth); bits >= 8; bits -= 8) {
          out += static_cast<char>(held >> (bits - 8) & 0xFF);
        }
      }
    }
    if (bits > 0) out += static_cast<char>(held << (8 - bits) & 0xFF);
  }
  return out;
}

inline std::string png_header(const MadePng& png) {
  const std::string rest = {static_cast<char>(png.bit_depth), static_cast<char>(png.color_type), 0, 0,
                            png.is_interlaced};
  return "\x89PNG\r\n\x1A\n" + png_chunk("IHDR", to_big_endian(png.width, 4) + to_big_endian(png.height, 4) + rest);
}

inline std::string made_png(const MadePng& png) {
  std::string rows;
  if (png.is_interlaced) {
    constexpr uint32_t kAdam7[7][4] = {{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4},
                                       {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}};
    for (const auto& [x0, y0, dx, dy] : kAdam7) rows += png_rows(png, x0, y0, dx, dy);
  } else {
    rows = png_rows(png, 0, 0, 1, 1);
  }
  std::string out = png_header(png);
  if (!png.palette.empty()) out += png_chunk("PLTE", png.palette);
  if (!png.transparency.empty()) out += png_chunk("tRNS", png.transparency);
  return out + png_chunk("IDAT", deflated(rows)) + png_chunk("IEND", "");
}

}  // namespace smlt::test
