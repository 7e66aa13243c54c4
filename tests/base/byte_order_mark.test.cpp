#include "base/byte_order_mark.hpp"

#include <string>

#include "base/error.hpp"
#include "tests/catch.hpp"

using namespace smlt;
using namespace std::string_literals;

namespace {

// `text` in units of `size` bytes, the lowest byte first or last.
std::string in_units(const std::u32string& text, size_t size, bool low_first) {
  std::string out;
  for (const char32_t point : text) {
    for (size_t i = 0; i < size; ++i) {
      out += static_cast<char>(point >> (8 * (low_first ? i : size - 1 - i)) & 0xFF);
    }
  }
  return out;
}

void check_named(const std::string& text, const std::string& name) {
  CAPTURE(text);
  CHECK_THROWS_AS(without_byte_order_mark(text, "x.json"), UserError);
  CHECK_THROWS_WITH(without_byte_order_mark(text, "x.json"),
                    "Expected UTF-8 in x.json, found " + name + "; save it as UTF-8.");
}

}  // namespace

TEST_CASE("Marks of every encoding are known", "[base]") {
  for (const std::string& mark : {"\xEF\xBB\xBF"s, "\xFF\xFE"s, "\xFE\xFF"s, "\xFF\xFE\0\0"s, "\0\0\xFE\xFF"s}) {
    CHECK(byte_order_mark_of(mark) == mark);
    CHECK(byte_order_mark_of(mark + "[1]") == mark);
  }
  for (const std::string& text : {""s, "[1]"s, "\xEF\xBB"s, "\xFF"s, "\0\0\xFE"s})
    CHECK(byte_order_mark_of(text).empty());
}

TEST_CASE("The byte-order mark of UTF-8 is taken off, once", "[base]") {
  CHECK(without_byte_order_mark("\xEF\xBB\xBF{\"a\": 1}\r\n", "x") == "{\"a\": 1}\r\n");
  CHECK(without_byte_order_mark("\xEF\xBB\xBF", "x").empty());
  CHECK(without_byte_order_mark("\xEF\xBB\xBF\xEF\xBB\xBF"
                                "1",
                                "x") ==
        "\xEF\xBB\xBF"
        "1");
}

TEST_CASE("Text without a mark stays as it is", "[base]") {
  for (const std::string& text :
       {""s, "1"s, "12"s, "1,2\n"s, "{}"s, "\xEF\xBB"s, "caf\xe9"s, "\u4e00\u3000\u0100"s, "\0"s, "\0\0\0\0"s,
        "{\"a\": \"b\0\"}"s, std::string(100, '\0'), std::string(64, 'x') + "\0y\0y\0y"s}) {
    CAPTURE(text);
    CHECK(without_byte_order_mark(text, "x") == text);
  }
}

TEST_CASE("UTF-16 and UTF-32 are named, with a mark and without", "[base]") {
  for (const std::u32string& text : {U"{\"epochs\": \"2\"}\r\n"s, U"1"s, U"1 001.Caf\u00e9\r\n"s,
                                     U"0,\u4e00\u4e8c\n1,\u3000\n2,\u0100\n"s, U"\u0100,\u0101,\u0102,1\n"s}) {
    for (const bool low_first : {true, false}) {
      check_named(in_units(U"\ufeff" + text, 2, low_first), "UTF-16");
      check_named(in_units(U"\ufeff" + text, 4, low_first), "UTF-32");
      check_named(in_units(text, 2, low_first), "UTF-16");
      check_named(in_units(text, 4, low_first), "UTF-32");
    }
  }
  check_named("\xFF\xFE", "UTF-16");
  check_named("\xFF\xFE\x60\x4F\x7D\x59", "UTF-16");  // nothing but Chinese
}
