#include "values/list.hpp"

#include "tests/catch.hpp"

using smlt::values::read_list;
using smlt::values::write_list;
using Texts = std::vector<std::string>;

TEST_CASE("A list is read as JSON, as Python writes it and comma-separated", "[values]") {
  const Texts expected = {"a", "b"};
  for (const char* raw : {"[\"a\",\"b\"]", "['a', 'b']", "('a', 'b')", "a,b", " a , b ", "[a,b]", "[\"a\", 'b',]"}) {
    CAPTURE(raw);
    CHECK(read_list(raw) == expected);
  }
  CHECK(read_list("[1, 2.50, true, None]") == Texts{"1", "2.50", "true", "None"});
  CHECK(read_list("('a',)") == Texts{"a"});
  CHECK(read_list("algo-1") == Texts{"algo-1"});
  CHECK(read_list("[]") == Texts{});
  CHECK(read_list("") == Texts{});
}

TEST_CASE("Quotes keep commas, brackets, blanks and escapes", "[values]") {
  CHECK(read_list(R"(["a,b", " c ", "[d]"])") == Texts{"a,b", " c ", "[d]"});
  CHECK(read_list(R"(['it\'s', "say \"x\"", ''])") == Texts{"it's", "say \"x\"", ""});
  CHECK(read_list(R"(["\u00e9\n"])") == Texts{"\u00e9\n"});
  CHECK(read_list(R"(["it's"])") == Texts{"it's"});
}

TEST_CASE("Anything but a flat list is refused", "[values]") {
  for (const char* raw : {"[[1],[2]]", "['a", "a,,b", ",a", "[a", "a]", "['a' 'b']", "{\"a\":1}", "['a'b]", "'\\"}) {
    CAPTURE(raw);
    CHECK_FALSE(read_list(raw).has_value());
  }
}

TEST_CASE("A written list reads back equal", "[values]") {
  CHECK(write_list({"a", "b"}) == "[a,b]");
  CHECK(write_list({}) == "[]");
  const std::vector<Texts> lists = {{"a", "b"},     {""}, {" a"}, {"a,b", "it's"}, {"\"", "\\", "\\\"x\\n,"},
                                    {"\xff,", "\n"}};
  for (const Texts& list : lists) CHECK(read_list(write_list(list)) == list);
}
