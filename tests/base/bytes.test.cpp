#include "base/bytes.hpp"

#include <array>
#include <span>
#include <string_view>
#include <vector>

#include "tests/catch.hpp"

using namespace smlt;
using namespace std::string_literals;

TEST_CASE("Bytes are read as numbers in either order", "[base]") {
  constexpr std::array<uint8_t, 3> kBytes = {0x01, 0x02, 0xFE};
  static_assert(from_big_endian(kBytes) == 0x0102FE);
  static_assert(from_little_endian(kBytes) == 0xFE0201);
  CHECK(from_big_endian(std::span(kBytes).first(2)) == 0x0102);
  CHECK(from_little_endian(std::string_view("\xFF\x80")) == 0x80FF);
  CHECK(from_big_endian("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFE"s) == 0xFFFFFFFFFFFFFFFE);
  CHECK(from_little_endian("\xFE\xFF\xFF\xFF\xFF\xFF\xFF\xFF"s) == 0xFFFFFFFFFFFFFFFE);
  CHECK(from_big_endian(""s) == 0);
  CHECK(from_little_endian(""s) == 0);
}

TEST_CASE("The highest bit of a signed number is its sign, of whatever size it is", "[base]") {
  CHECK(signed_from_little_endian(""s) == 0);
  CHECK(signed_from_little_endian("\x7F"s) == 127);
  CHECK(signed_from_little_endian("\x80"s) == -128);
  CHECK(signed_from_little_endian("\xFE\xFF"s) == -2);
  CHECK(signed_from_little_endian("\xFE\xFF\0"s) == 0xFFFE);
  CHECK(signed_from_little_endian("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F"s) == INT64_MAX);
  CHECK(signed_from_little_endian("\0\0\0\0\0\0\0\x80"s) == INT64_MIN);
}

TEST_CASE("Numbers are written as bytes in either order", "[base]") {
  CHECK(to_big_endian(0x0102FE, 3) == "\x01\x02\xFE"s);
  CHECK(to_little_endian(0x0102FE, 3) == "\xFE\x02\x01"s);
  CHECK(to_big_endian(0x0102, 4) == "\0\0\x01\x02"s);
  CHECK(to_little_endian(0x0102, 1) == "\x02"s);
  CHECK(to_little_endian(1, 8) == "\x01\0\0\0\0\0\0\0"s);
  CHECK(to_big_endian(1, 0).empty());
}
