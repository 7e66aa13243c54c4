#include "codec/array/npy.hpp"

#include "base/error.hpp"
#include "codec/array/npy_header.hpp"
#include "tests/catch.hpp"
#include "tests/codec/array/made_numbers.hpp"

using namespace smlt;
using namespace smlt::codec;
using namespace smlt::test;

namespace {

std::string header(const std::string& type, const std::string& shape, const std::string& order = "False") {
  return "{'descr': '" + type + "', 'fortran_order': " + order + ", 'shape': " + shape + ", }";
}

void refuses(const std::string& body, const std::string& sentence) {
  INFO(body);
  REQUIRE_THROWS_WITH(read_npy(body, "body"), ContainsSubstring(sentence));
}

}  // namespace

TEST_CASE("an npy array is read in every version") {
  for (const char version : {char{1}, char{2}, char{3}}) {
    const NumberArray array = read_npy(made_npy(header("<i2", "(2, 1)"), std::string("\1\0\2\0", 4), version), "body");
    REQUIRE(array.type == NumberType::kInt16);
    REQUIRE(array.shape == std::vector<int64_t>{2, 1});
    REQUIRE(numbers_of<int16_t>(array) == std::vector<int16_t>{1, 2});
  }
  refuses(made_npy(header("<i2", "()"), "ab", 4), "version 4");
}

TEST_CASE("an npy array is read in the other byte order and in Fortran order") {
  const std::string data("\0\1\0\2\0\3\0\4\0\5\0\6", 12);
  REQUIRE(numbers_of<int16_t>(read_npy(made_npy(header(">i2", "(2, 3)"), data), "body")) ==
          std::vector<int16_t>{1, 2, 3, 4, 5, 6});
  REQUIRE(numbers_of<int16_t>(read_npy(made_npy(header(">i2", "(2, 3)", "True"), data), "body")) ==
          std::vector<int16_t>{1, 3, 5, 2, 4, 6});
  REQUIRE(numbers_of<int16_t>(read_npy(made_npy(header(">i2", "(1, 3, 2)", "True"), data), "body")) ==
          std::vector<int16_t>{1, 4, 2, 5, 3, 6});
}

TEST_CASE("unsigned npy integers become signed ones if that loses nothing") {
  const std::string ones(8, '\xFF');
  REQUIRE(numbers_of<int32_t>(read_npy(made_npy(header("<u2", "(4,)"), ones), "body")) ==
          std::vector<int32_t>(4, 65535));
  REQUIRE(numbers_of<int64_t>(read_npy(made_npy(header("<u4", "(2,)"), ones), "body")) ==
          std::vector<int64_t>(2, 4294967295));
  REQUIRE(numbers_of<int64_t>(read_npy(made_npy(header("<u8", "()"), "\1" + std::string(7, '\0')), "body")) ==
          std::vector<int64_t>{1});
  refuses(made_npy(header("<u8", "(1,)"), ones), "element 0");
  REQUIRE(numbers_of<uint8_t>(read_npy(made_npy(header("|b1", "(2,)"), {"\x02\0", 2}), "body")) ==
          std::vector<uint8_t>{1, 0});
}

TEST_CASE("a written npy array reads back, with the same header bytes as numpy's") {
  const NumberArray array = made_numbers<float>(NumberType::kFloat32, {1, 2}, {1.5F, -2});
  const std::string body = write_npy(array);
  REQUIRE(body.substr(10, 128 - 10) ==
          "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), }" + std::string(128 - 10 - 60, ' ') + "\n");
  const NumberArray back = read_npy(body, "body");
  REQUIRE(back.type == array.type);
  REQUIRE(back.shape == array.shape);
  REQUIRE(back.bytes == array.bytes);
  for (const auto& [type, name] : {std::pair{NumberType::kUint64, "'<u8'"}, std::pair{NumberType::kComplex64, "'<c8'"},
                                   std::pair{NumberType::kComplex128, "'<c16'"}}) {
    REQUIRE_THAT(write_npy({type, {0}, {}}), ContainsSubstring(name));
  }
  REQUIRE(read_npy(write_npy({NumberType::kInt8, {0, 3}, {}}), "body").shape == std::vector<int64_t>{0, 3});
  REQUIRE(read_npy(write_npy(made_numbers<double>(NumberType::kFloat64, {}, {1})), "body").shape.empty());
}

TEST_CASE("an npy header of any other form is refused") {
  refuses("", "other bytes at its start");
  refuses(made_npy(header("|O", "(1,)"), "cos\nsystem\n"), "a pickle, which could run code");
  refuses(made_npy("{'descr': [('a', '<i4')], 'fortran_order': False, 'shape': (1,), }", "abcd"), "one of records");
  for (const char* type : {"<c8", "<f16", "<U3", "|S4", "<M8[ns]", "", "<", "f4x"}) {
    refuses(made_npy(header(type, "(1,)"), "abcd"), "numpy's type");
  }
  for (const char* shape : {"(3)", "3", "(-1,)", "(1, 2", "[1]", "(1,,)", "(1e3,)", "(99999999999999999999,)", "(,)"}) {
    refuses(made_npy(header("<f4", shape), "abcd"), "the header that np.save writes");
  }
  refuses(made_npy("{'descr': '<f4', 'shape': (1,), }", "abcd"), "found its end");
  refuses(made_npy("{'descr': '<f4', 'descr': '<f4', 'shape': (1,), }", "abcd"), "np.save");
  refuses(made_npy("__import__('os')", "abcd"), "np.save");
  refuses(made_npy(header("<f4", "(1,)") + "x", "abcd"), "found 'x");
  refuses(made_npy(header("<f4", "(1,)") + std::string(20000, ' '), "abcd"), "at most 10000 bytes");
  std::string deep = "(";
  for (int i = 0; i < 65; ++i) deep += "1, ";
  refuses(made_npy(header("<f4", deep + ")"), "abcd"), "np.save");
}

TEST_CASE("an npy shape that does not fit its body is refused before anything is allocated") {
  refuses(made_npy(header("<f4", "(3,)"), "abcdabcd"), "Expected 12 bytes of numbers in 'body' for the shape (3,)");
  refuses(made_npy(header("<f4", "(1,)"), "abcdabcd"), "found 8");
  refuses(made_npy(header("<f4", "(4294967296, 4294967296)"), "abcd"), "less than 2^63 bytes");
  refuses(made_npy(header("<f8", "(1152921504606846976,)"), "abcd"), "less than 2^63 bytes");
  refuses(made_npy(header("<f8", "(0, 1152921504606846975)"), ""), "less than 2^63 bytes");
  const std::string whole = made_npy(header("<f4", "(2,)"), "abcdabcd");
  for (size_t size = 0; size < whole.size(); ++size) REQUIRE_THROWS_AS(read_npy(whole.substr(0, size), "b"), UserError);
}
