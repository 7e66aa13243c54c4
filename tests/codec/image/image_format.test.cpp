#include "codec/image/image_format.hpp"

#include <string>

#include "codec/image/image.hpp"
#include "tests/bytes.hpp"
#include "tests/catch.hpp"
#include "tests/codec/image/made_png.hpp"

using namespace smlt::codec;
using namespace std::string_literals;

using smlt::test::as_bytes;

namespace {}  // namespace

TEST_CASE("picture formats are told apart by their first bytes", "[image]") {
  const std::pair<std::string, std::string> known[] = {
      {"GIF89a"s, "GIF"},
      {"RIFF\x10\0\0\0WEBPVP8 "s, "WebP"},
      {"\0\0\0\x18"
       "ftypheic"s,
       "HEIC"},
      {"\0\0\0\x18"
       "ftypmif1"s,
       "HEIC"},
      {"\0\0\0\x1C"
       "ftypavif"s,
       "AVIF"},
      {"II*\0\x08\0\0\0"s, "TIFF"},
      {"MM\0*\0\0\0\x08"s, "TIFF"},
      {"BM\x46\0\0\0\0\0\0\0\x36\0"s, "BMP"},
      {"P6\n2 2 255\n"s, "PNM"},
      {"\0\0\0\x0CjP  \r\n\x87\n"s, "JPEG 2000"},
      {"\xFF\x0A\xFA"s, "JPEG XL"},
      {"8BPS\0\1"s, "Photoshop"},
  };
  for (const auto& [bytes, format] : known) {
    CHECK(undecoded_format(as_bytes(bytes)) == format);
    CHECK_FALSE(is_image(as_bytes(bytes)));
  }
}

TEST_CASE("formats that are decoded are none of those", "[image]") {
  for (const std::string& bytes : {smlt::test::made_png({1, 1, 8, 0, {7}}), "\xFF\xD8\xFF\xE0"s}) {
    CHECK(undecoded_format(as_bytes(bytes)).empty());
    CHECK(is_image(as_bytes(bytes)));
  }
}

TEST_CASE("other files are not pictures", "[image]") {
  for (const std::string& bytes : {""s, "BM"s, "BMW,Audi,VW\n1,2,3"s, "P6"s, "PK\x03\x04"s, "RIFF\x10\0\0\0WAVEfmt "s,
                                   "\0\0\0\x18"
                                   "ftypmp42"s,
                                   "<svg>"s, "II*"s, "\x1F\x8B\x08"s, "6,148,72,35"s}) {
    CHECK(undecoded_format(as_bytes(bytes)).empty());
    CHECK_FALSE(is_image(as_bytes(bytes)));
  }
}
