#include "codec/array/json_numbers.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <random>

#include "base/error.hpp"
#include "codec/array/json_member.hpp"
#include "tests/catch.hpp"
#include "tests/codec/array/made_numbers.hpp"

using namespace smlt;
using namespace smlt::codec;
using namespace smlt::test;

namespace {

using Shape = std::vector<int64_t>;
using Floats = std::vector<float>;
constexpr float kInfinity = std::numeric_limits<float>::infinity();

void reads(const std::string& body, const Shape& shape, const Floats& values) {
  INFO(body);
  const NumberArray array = read_json_numbers(body, "body");
  REQUIRE(array.type == NumberType::kFloat32);
  REQUIRE(array.shape == shape);
  REQUIRE(numbers_of<float>(array) == values);
}

void refuses(const std::string& body, const std::string& sentence) {
  INFO(body);
  REQUIRE_THROWS_WITH(read_json_numbers(body, "body"), ContainsSubstring(sentence));
}

}  // namespace

TEST_CASE("nested lists of numbers are read") {
  reads("[1, 2.5, -3e2]", {3}, {1, 2.5F, -300});
  reads(" [[1,2],\r\n\t[3,4] , [5 , 6]] ", {3, 2}, {1, 2, 3, 4, 5, 6});
  reads("[[[1]],[[2]]]", {2, 1, 1}, {1, 2});
  reads("5", {}, {5});
  reads("[]", {0}, {});
  reads("[[],[]]", {2, 0}, {});
  reads("[[[]],[[]]]", {2, 1, 0}, {});
  reads("[true, false, 0.5]", {3}, {1, 0, 0.5F});
  reads("[Infinity, -Infinity, 1e400, -1e400, 1e-400, 1e39]", {6},
        {kInfinity, -kInfinity, kInfinity, -kInfinity, 0, kInfinity});
  reads("[0, -0, 0.0, 1E+2, 1e-2, 123456789012345678901234567890]", {6}, {0, -0.0F, 0, 100, 0.01F, 1.23456789e29F});
  REQUIRE(std::isnan(numbers_of<float>(read_json_numbers("[NaN]", "body")).at(0)));
  REQUIRE(std::signbit(numbers_of<float>(read_json_numbers("-0", "body")).at(0)));
}

TEST_CASE("ragged lists are refused with the place") {
  refuses("[[1,2],[3]]", "found 1 value at [1]");
  refuses("[[1,2],[3,4,5]]", "found 3 values at [1]");
  refuses("[[[1],[2]],[[3]]]", "found 1 value at [1]");
  refuses("[[[1],[2]],[[3],[4,5]]]", "found 2 values at [1][1]");
  refuses("[1,[2]]", "found a list at [1]");
  refuses("[[1],2]", "found a number at [1]");
  refuses("[[],[1]]", "found 1 value at [1]");
  refuses("[[1],[]]", "found 0 values at [1]");
  refuses("[[[1]],[]]", "found an empty list at [1]");
  refuses("[[],[[]]]", "found a list at [1][0]");
}

TEST_CASE("anything but a list of numbers is refused with the place") {
  refuses("", "Expected nested lists of numbers at byte 0 of the JSON in 'body', found its end");
  refuses("{\"instances\": [1]}", "send the bare lists");
  refuses("[1, null]", "a missing number is written NaN");
  refuses("[\"1\"]", "without quotes");
  for (const char* text : {"[01]",   "[1.]",  "[.5]",   "[-]",     "[+1]",  "[1,]",    "[,1]",  "[1 2]", "[1",
                           "[",      "]",     "[1]]",   "[1],[2]", "[1e]",  "[1e+]",   "[0x1]", "[inf]", "[nan]",
                           "[-NaN]", "[1_0]", "[True]", "1 1",     "[--1]", "[1.5.5]", "[00]",  "[-01]", "[1.e5]"}) {
    refuses(text, "Expected");
  }
  refuses(std::string(65, '[') + std::string(65, ']'), "64 deep");
  reads(std::string(64, '[') + "1" + std::string(64, ']'), Shape(64, 1), {1});
}

TEST_CASE("JSON numbers become the float of the nearest double, as in numpy and torch") {
  std::mt19937_64 random(1);
  std::uniform_int_distribution<uint32_t> bits;
  for (int i = 0; i < 20000; ++i) {
    const float value = std::bit_cast<float>(bits(random));
    if (!std::isfinite(value)) continue;
    // Next to the middle between two floats, where rounding is hardest.
    const double middle = (double{value} + double{std::nextafter(value, kInfinity)}) / 2;
    for (const double number : {double{value}, middle}) {
      char text[40];
      const std::string body(text, std::to_chars(text, text + sizeof text, number).ptr);
      INFO(body);
      const float found = numbers_of<float>(read_json_numbers(body, "body")).at(0);
      REQUIRE(found == static_cast<float>(number));
    }
  }
}

TEST_CASE("numbers are written as Python writes them") {
  const auto written = [](const NumberArray& array) { return write_json_numbers(array); };
  REQUIRE(written(made_numbers<double>(NumberType::kFloat64, {2, 5},
                                       {1e-5, 1e-4, 1e15, 1e16, 123456789012345680.0, 1, -0.0, 0.1, 1e22, 5e-324})) ==
          "[[1e-05, 0.0001, 1000000000000000.0, 1e+16, 1.2345678901234568e+17], [1.0, -0.0, 0.1, 1e+22, 5e-324]]");
  REQUIRE(written(made_numbers<float>(NumberType::kFloat32, {3}, {0.1F, kInfinity, -kInfinity})) ==
          "[0.10000000149011612, Infinity, -Infinity]");
  REQUIRE(written(made_numbers<float>(NumberType::kFloat32, {1}, {std::nanf("")})) == "[NaN]");
  REQUIRE(
      written(made_numbers<uint16_t>(NumberType::kFloat16, {6}, {0x3C00, 0xBBFF, 0x0001, 0x7BFF, 0xFC00, 0x8000})) ==
      "[1.0, -0.99951171875, 5.960464477539063e-08, 65504.0, -Infinity, -0.0]");
  REQUIRE(written(made_numbers<uint8_t>(NumberType::kBool, {2}, {1, 0})) == "[true, false]");
  REQUIRE(written(made_numbers<int64_t>(NumberType::kInt64, {1}, {INT64_MIN})) == "[-9223372036854775808]");
  REQUIRE(written(made_numbers<uint8_t>(NumberType::kUint8, {}, {255})) == "255");
  REQUIRE(written(made_numbers<int8_t>(NumberType::kInt8, {1}, {-1})) == "[-1]");
  REQUIRE(written(made_numbers<uint64_t>(NumberType::kUint64, {2}, {UINT64_MAX, 0})) == "[18446744073709551615, 0]");
  REQUIRE_THROWS_WITH(written(made_numbers<float>(NumberType::kComplex64, {1}, {1, 2})),
                      ContainsSubstring("complex") && ContainsSubstring("application/x-npy"));
  REQUIRE(written({NumberType::kFloat32, {2, 0}, {}}) == "[[], []]");
  REQUIRE(written({NumberType::kFloat32, {0, 2}, {}}) == "[]");
}

TEST_CASE("A member of an object is found without being parsed", "[array]") {
  constexpr std::array<std::string_view, 2> names = {"inputs", "instances"};
  const auto member = [&](std::string_view text) { return codec::json_member(text, names, "body"); };
  CHECK(member(R"({"inputs": [NaN, {"a": "]}"}], "b": 1})") == R"([NaN, {"a": "]}"}])");
  CHECK(member(R"( {"x\"{": [1], "instances":2 , "inputs":3} )") == "2 ");
  CHECK_FALSE(member(R"({"x": {"inputs": 1}})"));
  CHECK_FALSE(member("{}"));
  CHECK_THROWS_WITH(member(R"({"inputs": [1)"), "Expected '}' at byte 13 of the JSON object in 'body', found its end.");
  CHECK_THROWS_WITH(member(R"({"inputs" [1]})"), ContainsSubstring("Expected ':' at byte 10"));
  CHECK_THROWS_WITH(member(R"({"a": "b)"), ContainsSubstring("found its end"));
  CHECK_THROWS_WITH(member(R"({"a": })"), ContainsSubstring("Expected a value at byte 6"));
  CHECK_THROWS_WITH(member(R"({"inputs": [1],})"), ContainsSubstring("Expected '\"' at byte 15"));
  CHECK_THROWS_WITH(member(R"({"a": 1} x)"), ContainsSubstring("Expected its end at byte 9"));
}
