#include "values/python.hpp"

#include "tests/catch.hpp"
#include "values/json.hpp"

using namespace smlt::values;

namespace {

std::string dumped(const char* text) { return json_dumps(*parse_value(text)); }

}  // namespace

TEST_CASE("JSON is written with sorted keys, no blanks and nothing beyond ASCII", "[values]") {
  CHECK(dumped(R"({"b": [1, 2.0, null], "a": {"d": true, "c": false}})") ==
        R"({"a":{"c":false,"d":true},"b":[1,2.0,null]})");
  CHECK(dumped("\"\u00e9\u20ac\U0001F600\"") == R"("\u00e9\u20ac\ud83d\ude00")");
  CHECK(dumped(R"("\b\f\n\r\t\"\\\/\u0001\u007f")") == R"("\b\f\n\r\t\"\\/\u0001\u007f")");
  CHECK(dumped("18446744073709551615") == "18446744073709551615");
}

TEST_CASE("Bytes that are not UTF-8 are written as Python's escapes of them", "[values]") {
  CHECK(json_dumps(boost::json::value("a\xff\xc3")) == R"("a\udcff\udcc3")");
  CHECK(json_dumps(boost::json::value("\xed\xa0\x80")) == R"("\udced\udca0\udc80")");  // a surrogate in UTF-8
  CHECK(json_dumps(boost::json::value("\xf4\x90\x80\x80")) == R"("\udcf4\udc90\udc80\udc80")");
}

TEST_CASE("Reals are written as by Python's repr", "[values]") {
  CHECK(dumped("0.10") == "0.1");
  CHECK(dumped("1E5") == "100000.0");
  CHECK(dumped("1e-3") == "0.001");
  CHECK(dumped("0.0001") == "0.0001");
  CHECK(dumped("0.00001") == "1e-05");
  CHECK(dumped("1e15") == "1000000000000000.0");
  CHECK(dumped("1e16") == "1e+16");
  CHECK(dumped("-0.0") == "-0.0");
  CHECK(dumped("1.5e300") == "1.5e+300");
}

TEST_CASE("Hyperparameters decode as AWS's toolkit decodes them", "[values]") {
  struct Row {
    const char* raw;
    const char* json;
    const char* variable;
    const char* argument;
  };
  const std::vector<Row> rows = {
      {"10", "10", "10", "10"},
      {"0.10", "0.1", "0.1", "0.1"},
      {"1E5", "100000.0", "100000.0", "100000.0"},
      {"-5", "-5", "-5", "-5"},
      {"+5", "\"+5\"", "+5", "+5"},
      {"007", "\"007\"", "007", "007"},
      {"1_000", "\"1_000\"", "1_000", "1_000"},
      {"true", "true", "true", "True"},
      {"True", "\"True\"", "True", "True"},
      {"None", "\"None\"", "None", "None"},
      {"null", "null", "", ""},
      {"NaN", "NaN", "NaN", "nan"},
      {"-Infinity", "-Infinity", "-Infinity", "-inf"},
      {"nan", "\"nan\"", "nan", "nan"},
      {"1e400", "Infinity", "Infinity", "inf"},
      {"", "\"\"", "", ""},
      {"\"hello\"", "\"hello\"", "hello", "hello"},
      {"\"10\"", "\"10\"", "10", "10"},
      {"\"\\\"x\\\"\"", "\"\\\"x\\\"\"", "\"x\"", "\"x\""},
      {"[1, 2]", "[1,2]", "[1,2]", "[1, 2]"},
      {"[\"a\",\"b\"]", "[\"a\",\"b\"]", "[\"a\",\"b\"]", "['a', 'b']"},
      {"['a', 'b']", "\"['a', 'b']\"", "['a', 'b']", "['a', 'b']"},
      {"{\"b\": null, \"a\": 1}", "{\"a\":1,\"b\":null}", "{\"a\":1,\"b\":null}", "a=1,b=None"},
      {"  7 ", "7", "7", "7"},
      {"123456789012345678901234567890", "123456789012345678901234567890", "123456789012345678901234567890",
       "123456789012345678901234567890"},
      {"[\"it's\", {\"a\": false}, null]", "[\"it's\",{\"a\":false},null]", "[\"it's\",{\"a\":false},null]",
       "[\"it's\", {'a': False}, None]"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.raw);
    const Decoded decoded = decode(row.raw);
    CHECK(decoded.json == row.json);
    CHECK(decoded.variable == row.variable);
    CHECK(decoded.argument == row.argument);
  }
}
