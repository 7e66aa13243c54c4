#include "base/json.hpp"

#include <boost/json.hpp>

#include "base/text.hpp"
#include "tests/catch.hpp"

using namespace smlt;
namespace json = boost::json;

TEST_CASE("JSON is valid UTF-8 whatever texts it contains", "[base]") {
  for (const std::string text :
       {"caf\xe9", "\xff\xfe", "\xed\xa0\x80", "\xc0\xaf", "a\xe2\x82", "\x01\x1f\t\n\"\\", "caf\u00e9 \U0001F600"}) {
    CAPTURE(text);
    const json::value value = {{text, text}, {"list", {text, 1, nullptr}}, {"deep", {{"a", {{text, {text, text}}}}}}};
    for (const std::string& written : {compact(value), indented(value)}) {
      CHECK(is_utf8(written));
      const json::value read = json::parse(written);  // refuses text that is not UTF-8
      CHECK(read.at("list").at(0).as_string() == as_utf8(text));
      CHECK(read.at(as_utf8(text)).as_string() == as_utf8(text));
      CHECK(read.at("deep").at("a").at(as_utf8(text)).at(1).as_string() == as_utf8(text));
    }
  }
}

TEST_CASE("Numbers are written as people write them", "[base]") {
  CHECK(compact({{"lr", 0.0976}, {"rows", 60000}, {"whole", 2.0}, {"tiny", 1e-9}}) ==
        R"({"lr": 0.0976, "rows": 60000, "whole": 2.0, "tiny": 1e-09})");
}

TEST_CASE("Text in quotes can be nothing but ASCII, as Python's json.dumps has it", "[base]") {
  CHECK(ascii_quoted("") == R"("")");
  CHECK(ascii_quoted("a/b \"c\" \\") == R"("a/b \"c\" \\")");
  CHECK(ascii_quoted("\b\f\n\r\t\x01\x1f\x7f") == R"("\b\f\n\r\t\u0001\u001f\u007f")");
  CHECK(ascii_quoted("\u00e9\u20ac\U0001F600\U0010FFFF") == R"("\u00e9\u20ac\ud83d\ude00\udbff\udfff")");
  CHECK(ascii_quoted("caf\xe9\xc3") == R"("caf\udce9\udcc3")");
  CHECK(ascii_quoted(as_utf8("caf\xe9\xc3")) == R"("caf\ufffd\ufffd")");
}
