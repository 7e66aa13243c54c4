#include "codec/image/image.hpp"

#include <string>

#include "base/error.hpp"
#include "tests/catch.hpp"
#include "tests/codec/image/made_jpeg.hpp"
#include "tests/codec/image/made_png.hpp"

using namespace smlt::codec;
using namespace smlt::test;

namespace {

Image decoded(const std::string& bytes) {
  return decode_image({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()}, "body");
}

std::string small_jpeg() { return made_jpeg({8, 8, JCS_GRAYSCALE, JCS_GRAYSCALE, std::vector<uint8_t>(64, 200)}); }
std::string small_png() { return made_png({2, 1, 8, 0, {7, 9}}); }

}  // namespace

TEST_CASE("headers that claim 60,000 x 60,000 pixels are refused", "[image]") {
  const std::string png = png_header({60'000, 60'000, 8, 6, {}}) + png_chunk("IDAT", deflated(std::string(1000, 'x')));
  CHECK_THROWS_WITH(decoded(png), ContainsSubstring("found 60000 x 60000 in 'body'; scale it down."));
  std::string jpeg = small_jpeg();
  jpeg.replace(jpeg.find("\xFF\xC0") + 5, 4, "\xEA\x60\xEA\x60");
  CHECK_THROWS_WITH(decoded(jpeg), ContainsSubstring("found 60000 x 60000 in 'body'; scale it down."));
}

TEST_CASE("what follows an image does not matter, whatever it is", "[image]") {
  const std::string trailers[] = {"\n",      std::string(100'000, '\0'), "PK\x05\x06", small_png(), small_jpeg(),
                                  "<script>"};
  for (const std::string& trailer : trailers) {
    CHECK(decoded(small_png() + trailer).pixels == std::vector<uint8_t>{7, 9});
    CHECK(decoded(small_jpeg() + trailer).width == 8);
  }
}

TEST_CASE("the first bytes decide what a file is, whatever else is in it", "[image]") {
  std::string png = small_png();
  png.insert(png.find("IDAT") - 4, png_chunk("tEXt", small_jpeg()));  // libpng passes over it
  CHECK(decoded(png).pixels == std::vector<uint8_t>{7, 9});
  std::string jpeg = small_jpeg();
  const std::string comment = small_png();
  jpeg.insert(2, std::string("\xFF\xFE\0", 3) + static_cast<char>(comment.size() + 2) + comment);
  CHECK(decoded(jpeg).width == 8);
  for (const std::string& front : {std::string(" "), std::string("GIF89a"), std::string("PK\x03\x04")}) {
    CHECK_THROWS_WITH(decoded(front + small_png()), ContainsSubstring("Expected a PNG or JPEG image"));
    CHECK_THROWS_WITH(decoded(front + small_jpeg()), ContainsSubstring("Expected a PNG or JPEG image"));
  }
}

TEST_CASE("a JPEG with two frame headers, or that ends before its picture, is refused", "[image]") {
  const std::string jpeg = small_jpeg();
  const size_t at = jpeg.find("\xFF\xC0");
  const size_t length = 2 + static_cast<size_t>(static_cast<uint8_t>(jpeg[at + 3]));
  std::string twice = jpeg;
  twice.insert(at, jpeg.substr(at, length));
  CHECK_THROWS_WITH(decoded(twice), ContainsSubstring("is not a JPEG that can be read"));
  CHECK_THROWS_WITH(decoded("\xFF\xD8\xFF\xD9"), ContainsSubstring("is not a JPEG that can be read"));
}
