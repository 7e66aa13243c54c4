#include "values/json.hpp"

#include <charconv>

#include "base/error.hpp"
#include "tests/catch.hpp"

using namespace smlt;
using namespace smlt::values;

TEST_CASE("Reals in JSON are the nearest doubles", "[values]") {
  for (const std::string text : {"0.01390030725982051", "-0.1", "2.2250738585072011e-308", "1.7976931348623157e308",
                                 "9007199254740993.0", "0.097627008139560"}) {
    double expected = 0;
    std::from_chars(text.data(), text.data() + text.size(), expected);
    CAPTURE(text);
    CHECK(parse_value("[" + text + "]")->at(0).as_double() == expected);
  }
}

TEST_CASE("Text that is not one JSON value gives nullopt", "[values]") {
  for (const char* text :
       {"", " ", "{", "[1,]", "NaN", "'a'", "1 2", "{\"a\":1}x", "\"\\ud800\"", "\"\xff\"", "01", "nul"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_value(text).has_value());
  }
  CHECK(parse_value(" 7 \n")->as_int64() == 7);
}

TEST_CASE("JSON deeper than 32 levels is refused", "[values]") {
  const auto nested = [](size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  CHECK(parse_value(nested(32)).has_value());
  CHECK_FALSE(parse_value(nested(33)).has_value());
  CHECK_FALSE(parse_value(nested(1 << 20)).has_value());
}

TEST_CASE("A file that is not a JSON object is named with the cause", "[values]") {
  CHECK_THROWS_WITH(parse_object("{\"a\": NaN}", "x.json"),
                    ContainsSubstring("Expected a JSON object in x.json, found text that is not JSON: "));
  CHECK_THROWS_WITH(parse_object("[1, 2]", "x.json"), "Expected a JSON object in x.json, found '[1,2]'.");
  CHECK_THROWS_WITH(parse_object("null", "x.json"), "Expected a JSON object in x.json, found 'null'.");
  CHECK_THROWS_WITH(parse_object(R"({"a": "1", "b": 0, "a": "2"})", "x.json"),
                    "Expected every name once in x.json, found 'a' twice; keep one.");
}

TEST_CASE("JSON in an older encoding is named as such", "[values]") {
  for (const char* text :
       {"{\"exclude\": \"caf\xe9.jpg\"}", "{\"caf\xe9\": 1}", "\x80{}", "{\"a\": \"\xed\xa0\x80\"}"}) {
    CHECK_THROWS_WITH(parse_object(text, "x.json"),
                      "Expected UTF-8 in x.json, found bytes of another encoding; save it as UTF-8.");
  }
}

TEST_CASE("Only the outermost names must be unique", "[values]") {
  const auto object = parse_object(R"({"a": {"x": 1}, "b": {"x": 2, "x": 3}, "c": [{"a": 1}]})", "x.json");
  CHECK(object.size() == 3);
  CHECK(object.at("b").at("x").as_int64() == 3);
}
