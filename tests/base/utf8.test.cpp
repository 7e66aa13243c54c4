#include "base/utf8.hpp"

#include "tests/catch.hpp"

using namespace smlt;

TEST_CASE("A code point and its UTF-8 stand for each other at both ends of every length", "[base]") {
  struct Row {
    uint32_t point;
    std::string_view utf8;
  };
  for (const Row& row : {Row{0x01, "\x01"}, Row{0x7F, "\x7F"}, Row{0x80, "\u0080"}, Row{0x7FF, "\u07FF"},
                         Row{0x800, "\u0800"}, Row{0xD7FF, "\uD7FF"}, Row{0xE000, "\uE000"}, Row{0xFFFF, "\uFFFF"},
                         Row{0x10000, "\U00010000"}, Row{0x10FFFF, "\U0010FFFF"}}) {
    CAPTURE(row.point);
    std::string written = "a";
    append_utf8(written, row.point);
    CHECK(written == "a" + std::string(row.utf8));
    CHECK(sequence_length(row.utf8) == row.utf8.size());
    CHECK(code_point_of(row.utf8) == row.point);
  }
}

TEST_CASE("Half of a surrogate pair is written in three bytes, which are no valid UTF-8", "[base]") {
  std::string written;
  append_utf8(written, 0xD800);
  CHECK(written == "\xED\xA0\x80");
  CHECK(sequence_length(written) == 0);
}
