#include "base/text.hpp"

#include "tests/catch.hpp"

using namespace smlt;

namespace {

constexpr const char* kReplaced = "\uFFFD";

}  // namespace

TEST_CASE("Valid UTF-8 of every length is printed unchanged", "[base]") {
  for (const std::string text : {"plain", "\u0080", "\u07FF", "\u0800", "\uD7FF", "\uE000", "\uFFFF", "\U00010000",
                                 "\U0010FFFF", "\u00e9\u20ac\U0001F600"}) {
    CHECK(printable(text) == text);
  }
}

TEST_CASE("Each byte that is not UTF-8 is replaced", "[base]") {
  const auto replaced = [](size_t times) {
    std::string out;
    for (size_t i = 0; i < times; ++i) out += kReplaced;
    return out;
  };
  CHECK(printable("a\xff"
                  "b") == "a" + replaced(1) + "b");
  CHECK(printable("\x80") == replaced(1));
  CHECK(printable("\xC0\xAF") == replaced(2));          // '/' in two bytes
  CHECK(printable("\xE0\x9F\xBF") == replaced(3));      // U+07FF in three bytes
  CHECK(printable("\xF0\x8F\xBF\xBF") == replaced(4));  // U+FFFF in four bytes
  CHECK(printable("\xED\xA0\x80") == replaced(3));      // a surrogate
  CHECK(printable("\xF4\x90\x80\x80") == replaced(4));  // beyond U+10FFFF
  CHECK(printable("\xF5\x80\x80\x80") == replaced(4));
  CHECK(printable("\xE2\x82") == replaced(2));  // the end of the text in the middle of a sequence
  CHECK(printable("\xF0\x9F\x98") == replaced(3));
  CHECK(printable("\xC3"
                  "a") == replaced(1) + "a");
}

TEST_CASE("Text is made valid UTF-8 without touching what is valid", "[base]") {
  for (const std::string text : {"", "a\tb\r\n\x01", "\u00e9\u20ac\U0001F600"}) {
    CHECK(is_utf8(text));
    CHECK(as_utf8(text) == text);
  }
  for (const std::string text : {"\xff", "a\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "caf\xe9", "\xe2\x82"}) {
    CHECK_FALSE(is_utf8(text));
    CHECK(is_utf8(as_utf8(text)));
    CHECK(as_utf8(text) == printable(text));
  }
}

TEST_CASE("Control characters become blanks", "[base]") {
  CHECK(printable(std::string_view("a\tb\rc\nd\x1b[0m\x7f\0e", 14)) == "a b c d [0m  e");
}

TEST_CASE("A quoted value is cut at its limit, never inside a character", "[base]") {
  CHECK(in_quotes("abc") == "'abc'");
  CHECK(in_quotes("") == "''");
  CHECK(in_quotes("abcdef", 3) == "'abc...'");
  CHECK(in_quotes("abc", 3) == "'abc'");
  CHECK(in_quotes("ab\u20ac", 4) == "'ab...'");
  CHECK(in_quotes("ab\u20ac"
                  "d",
                  5) == "'ab\u20ac...'");
  CHECK(in_quotes(std::string(100, '\x80'), 10) == "'...'");
  CHECK(in_quotes("a\nb") == "'a b'");
}

TEST_CASE("White space is removed only from both ends", "[base]") {
  CHECK(trimmed(" \t\r\n\f\va b \n") == "a b");
  CHECK(trimmed(" \n ").empty());
  CHECK(trimmed("").empty());
}

TEST_CASE("Letters of ASCII alone are put in lower case", "[base]") {
  CHECK(lower_case("@AZ[`az{_") == "@az[`az{_");
  CHECK(lower_case("\u00C9\xC9\xff") == "\u00C9\xC9\xff");
}

TEST_CASE("Names fold ASCII letters and underscores", "[base]") {
  CHECK(folded("BATCH_Size") == "batch-size");
  CHECK(folded("\u00C9\xff") == "\u00C9\xff");
}

TEST_CASE("Words are listed as in a sentence", "[base]") {
  CHECK(listed({}) == "");
  CHECK(listed(std::vector<std::string>{"a"}) == "a");
  CHECK(listed(std::vector<std::string>{"a", "b"}) == "a and b");
  CHECK(listed(std::vector<std::string>{"a", "b", "c"}, "or") == "a, b or c");
}

TEST_CASE("Reals are written in the fewest digits that read back equal", "[base]") {
  const auto written = [](double value) {
    std::string text = "a";
    append_real(text, value);
    return text;
  };
  CHECK(written(0) == "a0.0");
  CHECK(written(-0.0) == "a-0.0");
  CHECK(written(0.1) == "a0.1");
  CHECK(written(-2) == "a-2.0");
  CHECK(written(0.0001) == "a0.0001");
  CHECK(written(0.00001) == "a1e-05");
  CHECK(written(9007199254740994.0) == "a9007199254740994.0");
  CHECK(written(1e16) == "a1e+16");
  CHECK(written(1.7976931348623157e308) == "a1.7976931348623157e+308");
  CHECK(written(5e-324) == "a5e-324");
}

TEST_CASE("The nearest word is the one with the fewest edits, if it is near at all", "[base]") {
  const std::vector<std::string> words = {"epochs", "batch-size", "lr"};
  CHECK(nearest("bacth-size", words) == "batch-size");
  CHECK(nearest("epoch", words) == "epochs");
  CHECK(nearest("Lr", words) == "lr");
  CHECK(nearest("momentum", words) == "");
  CHECK(nearest("epochs", {}) == "");
  CHECK(nearest("", words) == "");
}

TEST_CASE("the first of many words are listed, and how many more there are", "[base]") {
  const std::vector<std::string> words = {"a", "b", "c"};
  CHECK(listed_few(words, 3) == "a, b and c");
  CHECK(listed_few(words, 2) == "a, b and 1 more");
  CHECK(listed_few({}, 2).empty());
  CHECK(quoted_few(words, 3) == "'a', 'b' and 'c'");
  CHECK(quoted_few(words, 1) == "'a' and 2 more");
  CHECK(quoted_few({}, 2).empty());
}
