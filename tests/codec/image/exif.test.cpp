#include "codec/image/exif.hpp"

#include <string>

#include "tests/bytes.hpp"
#include "tests/catch.hpp"
#include "tests/codec/image/made_jpeg.hpp"

using namespace smlt::codec;
using smlt::test::exif_segment;

using smlt::test::as_bytes;

namespace {

int orientation(const std::string& exif, const std::string& xmp = "") {
  return orientation_of(as_bytes(exif), as_bytes(xmp));
}

}  // namespace

TEST_CASE("an orientation is read as an integer of any size, in either byte order", "[image]") {
  for (const bool is_big_endian : {false, true}) {
    for (const uint32_t type : {1U, 3U, 4U, 6U, 8U, 9U}) {
      CAPTURE(is_big_endian, type);
      for (uint16_t value = 1; value <= 8; ++value) {
        const std::string segment = exif_segment(value, is_big_endian, type);
        CHECK(orientation(segment) == value);
        CHECK(orientation(segment.substr(6)) == value);                        // as eXIf has it
        CHECK(orientation("Exif" + std::string(2, '\0') + segment) == value);  // the introduction twice
      }
    }
    CHECK(orientation(exif_segment(6, is_big_endian, 2)) == 1);  // text
    CHECK(orientation(exif_segment(6, is_big_endian, 5)) == 1);  // a fraction, which lies elsewhere
    CHECK(orientation(exif_segment(6, is_big_endian, 3, 0)) == 1);
  }
}

TEST_CASE("an orientation that makes no sense is ignored", "[image]") {
  const std::string good = exif_segment(6, true);
  for (size_t size = 0; size < good.size() - 2; ++size) CHECK(orientation(good.substr(0, size)) == 1);
  CHECK(orientation(exif_segment(0, true)) == 1);
  CHECK(orientation(exif_segment(9, false)) == 1);
  CHECK(orientation("http://ns.adobe.com/xap/1.0/") == 1);
  std::string far = good;
  far[10] = '\xFF';  // the directory lies far behind the end
  CHECK(orientation(far) == 1);
  std::string many = good;
  many[15] = '\x7F';  // more entries than there are bytes
  CHECK(orientation(many) == 6);
}

TEST_CASE("XMP gives the orientation if EXIF does not", "[image]") {
  const std::string none = exif_segment(6, true).substr(0, 14);
  CHECK(orientation(none, "<rdf:Description tiff:Orientation=\"6\"/>") == 6);
  CHECK(orientation("", "<tiff:Orientation>8</tiff:Orientation>") == 8);
  CHECK(orientation("", "tiff:Orientation tiff:Orientation=\"3\"") == 3);
  CHECK(orientation(exif_segment(1, true), "tiff:Orientation=\"6\"") == 1);
  CHECK(orientation("", "tiff:Orientation=\"9\"") == 1);
  CHECK(orientation("", "tiff:Orientation=\"") == 1);
  CHECK(orientation("", "tiff:Orientation") == 1);
}
