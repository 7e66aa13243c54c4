#include "base/byte_order_mark.hpp"

#include "tests/catch.hpp"

using smlt::wide_encoding;
using smlt::without_mark;
using namespace std::string_view_literals;

TEST_CASE("a byte-order mark of UTF-8 is left out", "[base]") {
  CHECK(without_mark("\xEF\xBB\xBF{}") == "{}");
  CHECK(without_mark("{}") == "{}");
  CHECK(without_mark("\xEF\xBB") == "\xEF\xBB");
  CHECK(without_mark("").empty());
}

TEST_CASE("UTF-16 and UTF-32 are told by their marks and by the zeros between ASCII characters", "[base]") {
  CHECK(wide_encoding("\xFF\xFE"
                      "1\0,\0"sv) == "UTF-16");
  CHECK(wide_encoding("\xFE\xFF\0"
                      "1\0,"sv) == "UTF-16");
  CHECK(wide_encoding("\xFF\xFE\0\0"sv) == "UTF-32");
  CHECK(wide_encoding("\0\0\xFE\xFF"sv) == "UTF-32");
  CHECK(wide_encoding("0\0,\0"
                      "1\0\n\0"sv) == "UTF-16");
  CHECK(wide_encoding("\0"
                      "0\0,\0"
                      "1\0\n"sv) == "UTF-16");
  CHECK(wide_encoding("0\0\0\0,\0\0\0"
                      "1\0\0\0\n\0\0\0"sv) == "UTF-32");
  CHECK(wide_encoding("\0\0\0"
                      "0\0\0\0,\0\0\0"
                      "1\0\0\0\n"sv) == "UTF-32");
  for (const auto text : {"0,1,2\n"sv,
                          "\xEF\xBB\xBF"
                          "0,1\n"sv,
                          "1,\0\n"sv, ""sv, "\xFF"sv, "\0\0\0\0\0\0\0\0"sv}) {
    CHECK(wide_encoding(text).empty());
  }
}
