#include "codec/table/csv_numbers.hpp"

#include <cmath>
#include <limits>

#include "base/error.hpp"
#include "codec/array/text_lines.hpp"
#include "tests/catch.hpp"
#include "tests/codec/array/made_numbers.hpp"

using namespace smlt;
using namespace smlt::codec;
using namespace smlt::test;

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

void reads(const std::string& body, const std::vector<int64_t>& shape, const std::vector<float>& values) {
  INFO(body);
  const NumberArray array = read_csv_numbers(body, "body");
  REQUIRE(array.shape == shape);
  REQUIRE(numbers_of<float>(array) == values);
}

void refuses(const std::string& body, const std::string& sentence) {
  INFO(body);
  REQUIRE_THROWS_WITH(read_csv_numbers(body, "body"), ContainsSubstring(sentence));
}

}  // namespace

TEST_CASE("lines of numbers are read as numpy.genfromtxt reads them") {
  reads("1,2,3", {3}, {1, 2, 3});
  reads("1,2\n3,4\n", {2, 2}, {1, 2, 3, 4});
  reads("1\n2\n", {2}, {1, 2});
  reads("5", {1}, {5});
  reads("", {0}, {});
  reads("\n \r\n1,2\r\n\r\n3,4\r\n", {2, 2}, {1, 2, 3, 4});
  reads(" 1 ,\t2.5e3 , -3.5\r\n", {3}, {1, 2500, -3.5F});
  reads("# names\n1,2 # note\n3,4#", {2, 2}, {1, 2, 3, 4});
  reads("inf,-INF,infinity,+1,True,false,1e400,-1e39", {8},
        {kInfinity, -kInfinity, kInfinity, 1, 1, 0, kInfinity, -kInfinity});
  reads("\xEF\xBB\xBF\"1\",\" 2 \"", {2}, {1, 2});
  for (const char* text : {"1,,3", "1, ,3", "1,nan,3", "1,-NaN,3", "1,\"\",3"}) {
    const auto values = numbers_of<float>(read_csv_numbers(text, "body"));
    REQUIRE((values.size() == 3 && values[0] == 1 && std::isnan(values[1]) && values[2] == 3));
  }
  REQUIRE(std::isnan(numbers_of<float>(read_csv_numbers("1,", "body")).at(1)));
}

TEST_CASE("cells that are not numbers and rows of another length are refused with the place") {
  refuses("a,b\n1,2\n", "line 1, column 1 of 'body', found 'a'; send the rows without a header");
  refuses("1,2\n3,x\n", "line 2, column 2 of 'body', found 'x'.");
  refuses("1;2", "found '1;2'");
  refuses("1,2\n\n3\n", "Expected 2 numbers in every line of 'body', found 1 in line 3");
  refuses("1,2\n3,4,\n", "found 3 in line 2");
  for (const char* text : {"0x10", "1_0", "1e", "-", "+", "+-1", "--1", ".", "e5", "nano", "\"1", "1\r2"}) {
    refuses(text, "Expected a number");
  }
}

TEST_CASE("arrays are written as numpy.savetxt writes them") {
  REQUIRE(write_csv_numbers(made_numbers<float>(NumberType::kFloat32, {2, 2}, {0.1F, 1, std::nanf(""), -kInfinity})) ==
          "0.10000000149011612,1.0\nnan,-inf\n");
  REQUIRE(write_csv_numbers(made_numbers<int32_t>(NumberType::kInt32, {2}, {1, -2})) == "1\n-2\n");
  REQUIRE(write_csv_numbers(made_numbers<uint8_t>(NumberType::kBool, {1, 2}, {1, 0})) == "True,False\n");
  REQUIRE(write_csv_numbers(made_numbers<double>(NumberType::kFloat64, {}, {1e-5})) == "1e-05\n");
  REQUIRE(write_csv_numbers({NumberType::kFloat32, {0, 3}, {}}).empty());
  REQUIRE_THROWS_WITH(write_csv_numbers(made_numbers<float>(NumberType::kFloat32, {1, 1, 1}, {1})),
                      ContainsSubstring("found the shape (1, 1, 1); ask for JSON or npy"));
}

TEST_CASE("JSON lines are split with their numbers") {
  const auto records = text_lines("\xEF\xBB\xBF[1]\r\n\n  \r\n {\"a\": 2} \nlast", "body");
  REQUIRE(records.size() == 3);
  REQUIRE((records[0].line == 1 && records[0].text == "[1]"));
  REQUIRE((records[1].line == 4 && records[1].text == "{\"a\": 2}"));
  REQUIRE((records[2].line == 5 && records[2].text == "last"));
  REQUIRE(text_lines("", "body").empty());
  REQUIRE_THROWS_WITH(text_lines(std::string("[\0001\0]\0\n\0", 8), "body"),
                      ContainsSubstring("in body, found UTF-16"));
  REQUIRE_THROWS_WITH(read_csv_numbers(std::string("1\0,\0002\0\n\0", 8), "body"), ContainsSubstring("found UTF-16"));
  std::string many;
  for (int i = 0; i < 1000001; ++i) many += "1\n";
  REQUIRE_THROWS_WITH(text_lines(many, "body"), ContainsSubstring("at most 1000000 records"));
}
