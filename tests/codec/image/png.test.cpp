#include "codec/image/png.hpp"

#include <algorithm>
#include <string>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "tests/bytes.hpp"
#include "tests/catch.hpp"
#include "tests/codec/archive/made_gzip.hpp"
#include "tests/codec/image/made_jpeg.hpp"
#include "tests/codec/image/made_png.hpp"

using namespace smlt::codec;
using namespace smlt::test;
using smlt::UserError;

namespace {

Image decoded(const std::string& png) { return decode_png(as_bytes(png), "x.png"); }

// As in Pillow: grey of 16 bits is clipped, everything else keeps the upper 8.
unsigned eight_bits(unsigned sample, const MadePng& png) {
  if (png.bit_depth == 16) return png.color_type == 0 ? std::min(sample, 255U) : sample >> 8;
  return sample * 255 / ((1U << png.bit_depth) - 1);
}

MadePng painted(uint32_t width, uint32_t height, int color_type, int bit_depth, bool is_interlaced) {
  MadePng png{width, height, bit_depth, color_type, {}, is_interlaced};
  const std::string values = noise(width * height * png.samples_per_pixel() * 2, width * 31 + height);
  for (size_t i = 0; i < values.size(); i += 2) {
    const unsigned value = static_cast<uint8_t>(values[i]) * 256U + static_cast<uint8_t>(values[i + 1]);
    png.samples.push_back(static_cast<uint16_t>(value >> (16 - bit_depth)));
  }
  if (color_type == 3) {
    for (int i = 0; i < 1 << bit_depth; ++i)
      png.palette += {static_cast<char>(i * 3), static_cast<char>(255 - i), '\x11'};
  }
  return png;
}

// What the decoder should make of a PNG without tRNS.
std::vector<uint8_t> expected_pixels(const MadePng& png) {
  std::vector<uint8_t> out;
  const size_t step = png.samples_per_pixel();
  for (size_t i = 0; i < png.samples.size(); i += step) {
    if (png.color_type == 3) {
      for (size_t c = 0; c < 3; ++c) out.push_back(static_cast<uint8_t>(png.palette[png.samples[i] * 3U + c]));
      continue;
    }
    const size_t colors = step == 2 || step == 4 ? step - 1 : step;  // without alpha
    for (size_t s = 0; s < colors; ++s) out.push_back(static_cast<uint8_t>(eight_bits(png.samples[i + s], png)));
  }
  return out;
}

void check_all_sizes(int color_type, int bit_depth, int64_t channels) {
  for (const bool is_interlaced : {false, true}) {
    for (const auto& [width, height] : {std::pair{1U, 1U}, {5U, 3U}, {3U, 11U}, {17U, 9U}}) {
      CAPTURE(color_type, bit_depth, is_interlaced, width, height);
      const MadePng png = painted(width, height, color_type, bit_depth, is_interlaced);
      const Image image = decoded(made_png(png));
      CHECK(image.width == width);
      CHECK(image.height == height);
      CHECK(image.channels == channels);
      CHECK(image.pixels == expected_pixels(png));
    }
  }
}

}  // namespace

TEST_CASE("grey of every bit depth stays one channel of 8 bits", "[image]") {
  for (const int bit_depth : {1, 2, 4, 8, 16}) check_all_sizes(0, bit_depth, 1);
}

TEST_CASE("RGB stays RGB", "[image]") {
  for (const int bit_depth : {8, 16}) check_all_sizes(2, bit_depth, 3);
}

TEST_CASE("a palette becomes RGB", "[image]") {
  for (const int bit_depth : {1, 2, 4, 8}) check_all_sizes(3, bit_depth, 3);
}

TEST_CASE("alpha is dropped", "[image]") {
  for (const int bit_depth : {8, 16}) {
    check_all_sizes(4, bit_depth, 1);
    check_all_sizes(6, bit_depth, 3);
  }
}

TEST_CASE("grey of 16 bits is clipped", "[image]") {
  for (const bool is_interlaced : {false, true}) {
    const MadePng grey{5, 1, 16, 0, {0, 5, 255, 256, 40'000}, is_interlaced};
    CHECK(decoded(made_png(grey)).pixels == std::vector<uint8_t>{0, 5, 255, 255, 255});
  }
}

TEST_CASE("a transparent colour is a colour", "[image]") {
  using namespace std::string_literals;
  MadePng grey{2, 1, 2, 0, {1, 3}};
  grey.transparency = "\0\3"s;
  CHECK(decoded(made_png(grey)).pixels == std::vector<uint8_t>{85, 255});
  MadePng deep{2, 1, 16, 0, {7, 8}};
  deep.transparency = "\0\7"s;
  CHECK(decoded(made_png(deep)).pixels == std::vector<uint8_t>{7, 8});
  MadePng rgb{2, 1, 8, 2, {1, 2, 3, 1, 2, 4}};
  rgb.transparency = "\0\1\0\2\0\4"s;
  CHECK(decoded(made_png(rgb)).pixels == std::vector<uint8_t>{1, 2, 3, 1, 2, 4});
  MadePng palette{3, 1, 2, 3, {2, 1, 0}, false, "abcdefghi"};
  palette.transparency = "\x07\x80";
  const Image image = decoded(made_png(palette));
  CHECK(image.channels == 3);
  CHECK(image.pixels == std::vector<uint8_t>{'g', 'h', 'i', 'd', 'e', 'f', 'a', 'b', 'c'});
}

TEST_CASE("a palette index without a colour does not read beyond the palette", "[image]") {
  MadePng palette{2, 1, 8, 3, {200, 0}, false, "abc"};
  CHECK(decoded(made_png(palette)).pixels == std::vector<uint8_t>{0, 0, 0, 'a', 'b', 'c'});
}

TEST_CASE("what is not a PNG is refused by its first bytes", "[image]") {
  for (const std::string& bytes : {std::string(), std::string("\x89PNG"), std::string("\xFF\xD8\xFF\xE0 a JPEG")}) {
    CHECK_FALSE(is_png(as_bytes(bytes)));
    CHECK_THROWS_WITH(decoded(bytes), "'x.png' is not a PNG that can be read: it does not start with PNG's signature.");
  }
  CHECK(is_png(as_bytes(made_png({1, 1, 8, 0, {7}}))));
}

TEST_CASE("libpng's reason is part of the sentence", "[image]") {
  std::string png = made_png({1, 1, 8, 0, {7}});
  png[png.size() - 12 - 5] = static_cast<char>(png[png.size() - 12 - 5] ^ 1);  // zlib's checksum
  CHECK_THROWS_AS(decoded(png), UserError);
  CHECK_THROWS_WITH(decoded(png), "'x.png' is not a PNG that can be read: IDAT: incorrect data check.");
}

TEST_CASE("only the checksums of the header, the palette and the pixels' stream count", "[image]") {
  const std::string png = made_png({2, 1, 8, 3, {0, 1}, false, "abcdef"});
  const auto changed = [&](size_t at) {
    std::string bytes = png;
    bytes[at] = static_cast<char>(bytes[at] ^ 1);
    return bytes;
  };
  const char* const damaged = "'x.png' is not a PNG that can be read: its header or palette is damaged.";
  CHECK_THROWS_WITH(decoded(changed(png.find("PLTE") - 5)), damaged);
  CHECK_THROWS_WITH(decoded(changed(png.find("IDAT") - 5)), damaged);
  CHECK(decoded(changed(png.find("IEND") - 5)).pixels == decoded(png).pixels);
  CHECK(decoded(changed(png.size() - 1)).pixels == decoded(png).pixels);
}

TEST_CASE("a PNG larger than the limits is refused by its header", "[image]") {
  const auto claiming = [](uint32_t width, uint32_t height) {
    return png_header({width, height, 8, 0, {}}) + png_chunk("IDAT", deflated("abc")) + png_chunk("IEND", "");
  };
  CHECK_THROWS_WITH(decoded(claiming(32'769, 1)),
                    ContainsSubstring("at most 67108864 pixels and 32768 per side, found 32769 x 1"));
  CHECK_THROWS_WITH(decoded(claiming(1, 32'769)), ContainsSubstring("found 1 x 32769 in 'x.png'; scale it down."));
  CHECK_THROWS_WITH(decoded(claiming(8'193, 8'192)), ContainsSubstring("found 8193 x 8192 in 'x.png'"));
  CHECK_THROWS_WITH(decoded(claiming(0x7FFFFFFF, 0x7FFFFFFF)), ContainsSubstring("found 2147483647 x 2147483647"));
  CHECK_THROWS_AS(decoded(claiming(0, 1)), UserError);
  CHECK_THROWS_AS(decoded(claiming(0xFFFFFFFF, 1)), UserError);
}

TEST_CASE("a header that claims more pixels than the file can hold is refused before memory is allocated", "[image]") {
  const std::string png = png_header({8'192, 8'192, 8, 6, {}}) + png_chunk("IDAT", deflated("abc"));
  CHECK_THROWS_WITH(decoded(png), ContainsSubstring("bytes cannot hold 8192 x 8192 pixels."));
  const Image white = decoded(made_png({4'000, 1'000, 1, 0, std::vector<uint16_t>(4'000'000, 1)}));  // all but that
  CHECK(white.pixels == std::vector<uint8_t>(4'000'000, 255));
}

TEST_CASE("fewer rows than the header says are an error", "[image]") {
  const std::string png =
      png_header({2, 3, 8, 0, {}}) + png_chunk("IDAT", deflated(std::string(6, '\0'))) + png_chunk("IEND", "");
  CHECK_THROWS_WITH(decoded(png), ContainsSubstring("'x.png' is not a PNG that can be read: "));
}

TEST_CASE("damage outside the pixels does not matter", "[image]") {
  const MadePng png = painted(5, 3, 2, 8, false);
  std::string bytes = made_png(png), text = png_chunk("tEXt", "whatever");
  text.back() = static_cast<char>(text.back() ^ 1);
  const std::string profile = png_chunk("iCCP", "not a profile"), gamma = png_chunk("gAMA", smlt::to_big_endian(1, 4));
  bytes.insert(bytes.find("IDAT") - 4, text + profile + gamma);
  CHECK(decoded(bytes).pixels == expected_pixels(png));
  for (const char* type : {"zTXt", "iTXt", "tRNS", "gAMA", "cHRM", "pHYs", "sRGB", "eXIf", "abcd", "ABCD"}) {
    CAPTURE(type);
    for (const std::string& content : {std::string(), std::string("x"), std::string("x\0\0damaged", 10)}) {
      std::string other = made_png(png);
      CHECK(decoded(other.insert(other.find("IDAT") - 4, png_chunk(type, content))).pixels == expected_pixels(png));
      other = made_png(png);
      CHECK(decoded(other.insert(other.find("IEND") - 4, png_chunk(type, content))).pixels == expected_pixels(png));
    }
  }
}

TEST_CASE("the orientation of eXIf and of XMP is applied, before the pixels and after them", "[image]") {
  const std::string png = made_png({2, 1, 8, 0, {1, 2}});
  const std::string exif = exif_segment(6, true), packet = "XML:com.adobe.xmp" + std::string(5, '\0');
  for (const char* place : {"IDAT", "IEND"}) {
    const auto with = [&](const std::string& chunk) {
      return decoded(std::string(png).insert(png.find(place) - 4, chunk));
    };
    CHECK(with(png_chunk("eXIf", exif.substr(6))).height == 2);
    CHECK(with(png_chunk("eXIf", exif)).height == 2);  // as some programs write it
    CHECK(with(png_chunk("eXIf", exif_segment(3, false).substr(6))).pixels == std::vector<uint8_t>{2, 1});
    CHECK(with(png_chunk("iTXt", packet + "<x tiff:Orientation=\"8\"/>")).height == 2);
    CHECK(with(png_chunk("iTXt", "Comment" + std::string(5, '\0') + "tiff:Orientation=\"8\"")).height == 1);
    CHECK(with(png_chunk("eXIf", exif_segment(1, true)) +  // EXIF comes first
               png_chunk("iTXt", packet + "<x tiff:Orientation=\"8\"/>"))
              .height == 1);
  }
}

TEST_CASE("a PNG cut off anywhere is an error, or all its pixels were there", "[image]") {
  for (const bool is_interlaced : {false, true}) {
    const MadePng png = painted(9, 9, 6, 8, is_interlaced);
    const std::string whole = made_png(png);
    for (size_t size = 0; size < whole.size(); ++size) {
      CAPTURE(size);
      try {
        const Image image = decoded(whole.substr(0, size));
        CHECK(image.pixels == expected_pixels(png));
        CHECK(size >= whole.size() - 12 - 8);  // the last chunk, which is empty, and the checksums before it
      } catch (const UserError&) {
        CHECK(size < whole.size() - 12);
      }
    }
  }
}

TEST_CASE("a changed byte of a PNG gives an error or an image, never a crash", "[image]") {
  const std::string whole = made_png(painted(9, 9, 3, 4, true));
  size_t errors = 0;
  for (size_t at = 0; at < whole.size(); ++at) {
    std::string changed = whole;
    changed[at] = static_cast<char>(changed[at] ^ 0xFF);
    try {
      const Image image = decoded(changed);
      CHECK(image.pixels.size() == 9 * 9 * 3);
    } catch (const UserError&) {
      ++errors;
    }
  }
  CHECK(errors > whole.size() / 2);  // the header, the palette and the pixels have checksums
}
