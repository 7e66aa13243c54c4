#include "codec/array/decimal.hpp"

#include <bit>
#include <charconv>
#include <cstdlib>
#include <random>
#include <string>

#include "tests/catch.hpp"
#include "tests/codec/array/made_decimal.hpp"
#include "tests/codec/table/parsed_csv.hpp"

using smlt::codec::FloatTable;
using smlt::codec::read_plain_decimal;
using smlt::codec::read_short_decimal;
using smlt::test::made_decimal;
using smlt::test::parsed_csv;

namespace {

// Whether the float is the one std::from_chars finds, bit for bit: in the middle of a text and at its end, which are
// read by separate code.
bool is_nearest(const std::string& text) {
  float expected = 0;
  std::from_chars(text.data(), text.data() + text.size(), expected);
  const FloatTable table = parsed_csv(text + "," + text);
  const auto is_expected = [&](float value) {
    return std::bit_cast<uint32_t>(value) == std::bit_cast<uint32_t>(expected);
  };
  return table.values.size() == 2 && is_expected(table.values[0]) && is_expected(table.values[1]);
}

}  // namespace

TEST_CASE("decimals become the nearest float", "[array]") {
  std::mt19937_64 bits(1);
  int wrong = 0;
  for (int i = 0; i < 20'000; ++i) {
    const uint64_t digits = bits() >> (bits() % 64);
    wrong += is_nearest(made_decimal(digits, bits() % 22)) ? 0 : 1;
    wrong += is_nearest("-" + made_decimal(digits, bits() % 8)) ? 0 : 1;
  }
  CHECK(wrong == 0);
  CHECK(is_nearest("0000000000000000000000000000001.5"));
  CHECK(is_nearest("340282346638528859811704183484516925440"));
  CHECK(is_nearest("1.17549435e-38"));
  CHECK(is_nearest("1e-45"));
  CHECK(is_nearest("-4.940656e-41"));
}

TEST_CASE("short decimals become the nearest float, whatever follows them", "[array]") {
  std::mt19937_64 bits(3);
  int wrong = 0;
  for (int i = 0; i < 50'000; ++i) {
    const std::string text = made_decimal(bits() >> (40 + bits() % 24), bits() % 8);
    wrong +=
        is_nearest(text) && is_nearest("-" + text) && is_nearest(text.substr(text.size() > 1 && text[0] == '0' ? 1 : 0))
            ? 0
            : 1;
  }
  CHECK(wrong == 0);
  for (const char* behind : {",1234567", "\n1234567", "\r\n123456", "e0,12345", "-,123456", "x,123456", ""}) {
    for (const std::string number :
         {"1", "-1", "12.5", "-12.5", ".5", "5.", "-.5", "999999", "-99.999", "1234567", "0.12345"}) {
      const std::string text = number + behind;
      CAPTURE(text);
      float value = 7;
      CHECK(read_plain_decimal(text.data(), text.data() + text.size(), value) == text.data() + number.size());
      CHECK(value == std::strtof(number.c_str(), nullptr));
    }
  }
  for (const std::string text : {"-,1234567", ".,1234567", "-.,1234567", ",12345678", "--1,12345", "x1,123456"}) {
    float value = 7;
    CHECK(read_plain_decimal(text.data(), text.data() + text.size(), value) == nullptr);
    CHECK(value == 7);
  }
}

TEST_CASE("eight bytes are a short decimal or not", "[array]") {
  for (const std::string text :
       {"1", "-1", "12.5", "-12.5", ".5", "5.", "-.5", "99999999", "-99.9999", "-1234567", "0.123456"}) {
    CAPTURE(text);
    float value = 7;
    CHECK(read_short_decimal((text + ",1234567").data(), text.size(), value));
    CHECK(value == std::strtof(text.c_str(), nullptr));
  }
  float value = 7;
  for (const std::string text :
       {"-", ".", "-.", "--1", "1-", "1.2.3", "+1", " 1", "1 ", "1e5", "x", "1\r", "\"1\"", "nan", "1..", "-1-"}) {
    CAPTURE(text);
    CHECK_FALSE(read_short_decimal((text + ",1234567").data(), text.size(), value));
  }
}

TEST_CASE("decimals next to the middle of two floats are rounded correctly", "[array]") {
  std::mt19937_64 bits(2);
  int wrong = 0;
  for (int i = 0; i < 20'000; ++i) {
    // A whole number of 25 bits whose last bit is set is halfway between two floats; 13 decimals move it a little.
    const uint64_t middle = (bits() >> 40 << 1) | 1 | uint64_t{1} << 24;
    const std::string text = std::to_string(middle);
    for (const std::string& tail : {std::string(), std::string(".0"), "." + std::string(4 + bits() % 8, '0') + "1"}) {
      wrong += is_nearest(text + tail) ? 0 : 1;
    }
    wrong += is_nearest(std::to_string(middle - 1) + ".99999999999") ? 0 : 1;
  }
  CHECK(wrong == 0);
}

TEST_CASE("a plain decimal ends where its digits do, also at the end of the buffer", "[array]") {
  const std::string text = "-1234567890.12345678";
  for (size_t size = 0; size <= text.size(); ++size) {
    const std::vector<char> exact(text.begin(), text.begin() + static_cast<ptrdiff_t>(size));  // no byte after it
    float value = 7;
    const char* const end = exact.data() + exact.size();
    const char* const stop = read_plain_decimal(exact.data(), end, value);
    if (size < 2) {
      CHECK(stop == nullptr);
      CHECK(value == 7);
    } else if (stop != nullptr) {
      CHECK(stop == end);
    }
  }
}
