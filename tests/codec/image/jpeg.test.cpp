#include "codec/image/jpeg.hpp"

#include <algorithm>
#include <cstdlib>
#include <string>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "codec/image/exif.hpp"
#include "codec/image/image.hpp"
#include "tests/bytes.hpp"
#include "tests/catch.hpp"
#include "tests/codec/image/made_jpeg.hpp"
#include "tests/codec/image/made_png.hpp"

using namespace smlt::codec;
using namespace smlt::test;
using smlt::UserError;

namespace {

Image decoded(const std::string& jpeg, int64_t shorter_side = 0) {
  return decode_jpeg(as_bytes(jpeg), "x.jpg", shorter_side);
}

MadeJpeg painted(uint32_t width, uint32_t height, J_COLOR_SPACE given, J_COLOR_SPACE stored) {
  return {width, height, given, stored, slow_samples(width, height, components_of(given))};
}

int largest_difference(const std::vector<uint8_t>& a, const std::vector<uint8_t>& b) {
  REQUIRE(a.size() == b.size());
  int largest = 0;
  for (size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(a[i] - b[i]));
  return largest;
}

// The sizes of a header, patched into the file's first frame.
std::string claiming(std::string jpeg, unsigned width, unsigned height) {
  const size_t at = jpeg.find("\xFF\xC0") + 5;
  for (const auto& [offset, value] : {std::pair{at, height}, {at + 2, width}}) {
    jpeg.replace(offset, 2, smlt::to_big_endian(value, 2));
  }
  return jpeg;
}

}  // namespace

TEST_CASE("grey stays one channel, colour becomes RGB, baseline or progressive", "[image]") {
  for (const bool is_progressive : {false, true}) {
    for (const auto& [given, stored] :
         {std::pair{JCS_GRAYSCALE, JCS_GRAYSCALE}, {JCS_RGB, JCS_YCbCr}, {JCS_RGB, JCS_RGB}}) {
      for (const auto& [width, height] : {std::pair{1U, 1U}, {5U, 3U}, {33U, 64U}}) {
        CAPTURE(is_progressive, static_cast<int>(stored), width, height);
        MadeJpeg jpeg = painted(width, height, given, stored);
        jpeg.is_progressive = is_progressive;
        const Image image = decoded(made_jpeg(jpeg));
        CHECK(image.width == width);
        CHECK(image.height == height);
        CHECK(image.channels == components_of(given));
        CHECK(largest_difference(image.pixels, jpeg.samples) <= 3);
      }
    }
  }
}

TEST_CASE("CMYK and YCCK are read as inverted and become RGB", "[image]") {
  for (const J_COLOR_SPACE stored : {JCS_CMYK, JCS_YCCK}) {
    CAPTURE(static_cast<int>(stored));
    MadeJpeg jpeg{16, 8, JCS_CMYK, stored, {}};
    for (int i = 0; i < 16 * 8; ++i) {  // inverted: 255 is no ink
      for (const int value : {255, 128, 0, 200}) jpeg.samples.push_back(static_cast<uint8_t>(value));
    }
    const Image image = decoded(made_jpeg(jpeg));
    CHECK(image.channels == 3);
    std::vector<uint8_t> expected;
    for (int i = 0; i < 16 * 8; ++i) {
      for (const int value : {200, 100, 0}) expected.push_back(static_cast<uint8_t>(value));  // 200 * 128 / 255
    }
    CHECK(largest_difference(image.pixels, expected) <= 3);
  }
}

TEST_CASE("the orientation of EXIF is applied", "[image]") {
  // 1 2 3     What each orientation makes of it (Exif 2.3: which side of the picture the file's first row and column
  // 4 5 6     are).
  const Image stored{2, 3, 1, {1, 2, 3, 4, 5, 6}};
  const std::vector<std::vector<uint8_t>> upright_pixels = {{1, 2, 3, 4, 5, 6}, {3, 2, 1, 6, 5, 4}, {6, 5, 4, 3, 2, 1},
                                                            {4, 5, 6, 1, 2, 3}, {1, 4, 2, 5, 3, 6}, {4, 1, 5, 2, 6, 3},
                                                            {6, 3, 5, 2, 4, 1}, {3, 6, 2, 5, 1, 4}};
  for (int orientation = 1; orientation <= 8; ++orientation) {
    CAPTURE(orientation);
    const Image image = upright(stored, orientation);
    CHECK(image.height == (orientation <= 4 ? 2 : 3));
    CHECK(image.width == (orientation <= 4 ? 3 : 2));
    CHECK(image.pixels == upright_pixels[static_cast<size_t>(orientation) - 1]);
    for (const bool is_big_endian : {false, true}) {
      MadeJpeg jpeg = painted(24, 16, JCS_RGB, JCS_YCbCr);
      const Image plain = decoded(made_jpeg(jpeg));
      jpeg.app1 = exif_segment(static_cast<uint16_t>(orientation), is_big_endian);
      CHECK(decoded(made_jpeg(jpeg)).pixels == upright(plain, orientation).pixels);
    }
  }
}

TEST_CASE("the first EXIF segment counts, then XMP", "[image]") {
  const auto height = [](const std::vector<std::string>& segments) {
    std::string jpeg = made_jpeg(painted(24, 16, JCS_RGB, JCS_YCbCr));
    size_t at = 2;
    for (const std::string& segment : segments) {
      const size_t size = segment.size() + 2;
      jpeg.insert(at, "\xFF\xE1" + smlt::to_big_endian(size, 2) + segment);
      at += size + 2;
    }
    return decoded(jpeg).height;
  };
  const std::string xmp = std::string("http://ns.adobe.com/xap/1.0/\0", 29) + "<x tiff:Orientation=\"6\"/>";
  CHECK(height({exif_segment(6, true)}) == 24);
  CHECK(height({exif_segment(1, true), exif_segment(6, true)}) == 16);
  CHECK(height({xmp}) == 24);
  CHECK(height({xmp, exif_segment(1, false)}) == 16);
  CHECK(height({"another application's tiff:Orientation=\"6\""}) == 16);
  CHECK(height({std::string("Exif\0\0damaged", 13), xmp}) == 24);
}

TEST_CASE("damage that libjpeg only warns about is accepted, as in Pillow", "[image]") {
  MadeJpeg made = painted(160, 120, JCS_RGB, JCS_YCbCr);
  const std::string noise = "0123456789abcdefghijklmnopqrstuvwxyz";
  for (size_t i = 0; i < made.samples.size(); ++i) {
    made.samples[i] = static_cast<uint8_t>(made.samples[i] ^ (noise[i * 7919 % 36] & 31));
  }
  const std::string whole = made_jpeg(made);
  const size_t scan = whole.find("\xFF\xDA"), middle = (scan + whole.size()) / 2;
  const auto with = [&](size_t at, const std::string& bytes, size_t replaced) {
    return decoded(std::string(whole).replace(at, replaced, bytes));
  };
  CHECK(with(scan, "junk", 0).pixels == decoded(whole).pixels);
  CHECK(with(scan, "\xFF\xFF\xFF", 0).pixels == decoded(whole).pixels);
  CHECK(with(whole.size() - 2, "", 2).pixels == decoded(whole).pixels);  // no end marker, but all the rows
  const std::vector<std::string> damage = {"\xFF\xD3", "\xFF\xFE", "\xFF\xD9", "\x55\xAA", "\x7F\x7F\x7F\x7F"};
  for (const std::string& bytes : damage) {
    const Image image = with(middle, bytes, bytes.size());
    CHECK(image.height == 120);
    const size_t above = 160 * 3 * 40;  // the rows before it are whole
    CHECK(std::equal(image.pixels.begin(), image.pixels.begin() + above, decoded(whole).pixels.begin()));
  }
  CHECK_THROWS_WITH(decoded(whole.substr(0, middle)), ContainsSubstring("its data ends too early"));
}

TEST_CASE("a large JPEG is decoded at the smallest size that leaves the wanted shorter side", "[image]") {
  const std::string jpeg = made_jpeg(painted(160, 120, JCS_RGB, JCS_YCbCr));
  CHECK(decoded(jpeg, 0).height == 120);
  CHECK(decoded(jpeg, 61).height == 120);
  CHECK(decoded(jpeg, 60).height == 60);
  CHECK(decoded(jpeg, 31).width == 80);
  CHECK(decoded(jpeg, 30).width == 40);
  CHECK(decoded(jpeg, 1).width == 20);
  const Image half = decoded(jpeg, 60);
  CHECK(largest_difference(half.pixels, slow_samples(80, 60, 3)) <= 4);
}

TEST_CASE("a JPEG cut off anywhere is an error, or all its pixels were there", "[image]") {
  for (const bool is_progressive : {false, true}) {
    MadeJpeg jpeg = painted(40, 24, JCS_RGB, JCS_YCbCr);
    jpeg.is_progressive = is_progressive;
    const std::string whole = made_jpeg(jpeg);
    const Image image = decoded(whole);
    size_t errors = 0;
    for (size_t size = 0; size < whole.size(); ++size) {
      CAPTURE(is_progressive, size);
      try {
        const Image part = decoded(whole.substr(0, size));
        CHECK(part.pixels == image.pixels);
      } catch (const UserError&) {
        ++errors;
      }
    }
    CHECK(errors >= whole.size() - 8);  // all but the end marker and the padding before it
  }
}

TEST_CASE("a changed byte of a JPEG gives an error or an image, never a crash", "[image]") {
  for (const bool is_progressive : {false, true}) {
    MadeJpeg jpeg = painted(24, 16, JCS_RGB, JCS_YCbCr);
    jpeg.is_progressive = is_progressive;
    const std::string whole = made_jpeg(jpeg);
    size_t errors = 0;
    for (size_t at = 0; at < whole.size(); ++at) {
      std::string changed = whole;
      changed[at] = static_cast<char>(changed[at] ^ 0xFF);
      try {
        const Image image = decoded(changed);
        CHECK(image.pixels.size() == static_cast<size_t>(image.height * image.width * image.channels));
      } catch (const UserError&) {
        ++errors;
      }
    }
    CHECK(errors > 0);
  }
}

TEST_CASE("a JPEG that cannot be decoded is refused with its reason", "[image]") {
  const std::string jpeg = made_jpeg(painted(40, 24, JCS_RGB, JCS_YCbCr));
  CHECK_THROWS_WITH(decoded("GIF89a"), "'x.jpg' is not a JPEG that can be read: it does not start like a JPEG.");
  CHECK_THROWS_WITH(decoded(jpeg.substr(0, jpeg.size() / 2)),
                    "'x.jpg' is not a JPEG that can be read: its data ends too early.");
  CHECK_THROWS_WITH(
      decoded(claiming(jpeg, 40'000, 8)),
      ContainsSubstring("Expected a JPEG of at most 67108864 pixels and 32768 per side, found 40000 x 8"));
  CHECK_THROWS_WITH(decoded(claiming(jpeg, 30'000, 30'000)), ContainsSubstring("scale it down"));
  CHECK_THROWS_WITH(decoded(claiming(jpeg, 8'000, 8'000)), ContainsSubstring("bytes cannot hold 8000 x 8000 pixels"));
  CHECK_THROWS_AS(decoded(claiming(jpeg, 0, 8)), UserError);
  MadeJpeg arithmetic = painted(40, 24, JCS_RGB, JCS_YCbCr);
  arithmetic.is_arithmetic = true;
  CHECK_THROWS_WITH(decoded(made_jpeg(arithmetic)), ContainsSubstring("arithmetic-coded"));
}

TEST_CASE("an empty picture is not refused for its small file", "[image]") {
  for (const bool is_progressive : {false, true}) {
    MadeJpeg white{2'000, 1'000, JCS_RGB, JCS_YCbCr, std::vector<uint8_t>(6'000'000, 255), 50, is_progressive};
    CHECK(decoded(made_jpeg(white)).pixels == white.samples);
  }
}

TEST_CASE("an image is decoded by its content", "[image]") {
  const std::string jpeg = made_jpeg(painted(8, 8, JCS_RGB, JCS_YCbCr)), png = made_png({1, 1, 8, 0, {7}});
  CHECK(decode_image(as_bytes(jpeg), "x.png").width == 8);
  CHECK(decode_image(as_bytes(png), "x.jpg").pixels == std::vector<uint8_t>{7});
  CHECK(is_image(as_bytes(jpeg)));
  CHECK(is_image(as_bytes(png)));
  CHECK_FALSE(is_image(as_bytes("GIF89a")));
  CHECK_THROWS_WITH(decode_image(as_bytes("GIF89a"), "x.gif"),
                    "Expected a PNG or JPEG image, found GIF: 'x.gif'; convert it.");
  CHECK_THROWS_WITH(decode_image(as_bytes("hello, world"), "x.jpg"),
                    "Expected a PNG or JPEG image, found another file: 'x.jpg'.");
}
