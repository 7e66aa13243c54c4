#include "http/line_cutter.hpp"

#include "tests/catch.hpp"

using namespace smlt;

TEST_CASE("A body that arrives bit by bit is cut after line feeds", "[http]") {
  http::LineCutter lines;
  lines.put("ab");
  CHECK(!lines.take(0));
  CHECK(lines.unfinished() == 2);
  lines.put("c\nd\nef");
  CHECK(!lines.take(7));
  const auto first = lines.take(6);
  REQUIRE(first);
  CHECK(first->text == "abc\nd\n");
  CHECK(first->first_line == 1);
  CHECK(!lines.take(0));
  lines.put("\n\n");
  CHECK(lines.take(1)->text == "ef\n\n");
  lines.put("g");
  const auto rest = lines.take_rest();
  REQUIRE(rest);
  CHECK(rest->text == "g");
  CHECK(rest->first_line == 5);
  CHECK(!lines.take_rest());
}
