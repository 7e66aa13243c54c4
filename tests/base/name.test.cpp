#include "base/name.hpp"

#include <set>

#include "base/text.hpp"
#include "tests/catch.hpp"

using namespace smlt;

TEST_CASE("Names that are equal in Unicode are composed to the same bytes", "[base]") {
  CHECK(composed("Gru\u0308nspecht") == "Gr\u00FCnspecht");
  CHECK(composed("Gr\u00FCnspecht") == "Gr\u00FCnspecht");
  CHECK(composed("\u1112\u1161\u11AB") == "\uD55C");              // Hangul
  CHECK(composed("\u212B") == "\u00C5");                          // the sign of the unit, and the letter
  CHECK(composed("a\u0323\u0307") == composed("a\u0307\u0323"));  // marks above and below, in either order
  CHECK(composed("\uFB01 \u2460") == "\uFB01 \u2460");            // a ligature and a number are not "fi" and "1"
  CHECK(composed("") == "");
  CHECK(composed(std::string_view("a\0b", 3)) == std::string_view("a\0b", 3));
}

TEST_CASE("Bytes that are not UTF-8 stay unchanged between composed text", "[base]") {
  CHECK(composed("caf\xE9") == "caf\xE9");
  CHECK(composed("\xFFu\u0308\xC3") == "\xFF\u00FC\xC3");
  CHECK(composed("\xED\xA0\x80") == "\xED\xA0\x80");
}

TEST_CASE("A name of any bytes is valid UTF-8 in one line", "[base]") {
  CHECK(utf8_name("001.Black_footed Albatross <b>\"&'") == "001.Black_footed Albatross <b>\"&'");
  CHECK(utf8_name("Gr\u00FCn \U0001F426") == "Gr\u00FCn \U0001F426");
  CHECK(utf8_name("caf\xE9") == "caf\\xE9");
  CHECK(utf8_name("a\tb\nc\x7F") == "a\\x09b\\x0Ac\\x7F");
  CHECK(utf8_name("a\u0085b\u2028c") == "a\\xC2\\x85b\\xE2\\x80\\xA8c");  // Python's splitlines() would break them
  CHECK(utf8_name("C:\\x\\y\\") == "C:\\x\\y\\");
  CHECK(utf8_name("caf\\xE9") == "caf\\x5CxE9");
  CHECK(utf8_name("\\xe9 \\xE") == "\\xe9 \\xE");
}

TEST_CASE("Different names stay different", "[base]") {
  // All names of up to four of the characters that make up escapes.
  const std::string characters = "\\x5CE\xE9\n";
  std::set<std::string> seen;
  std::vector<std::string> names = {""};
  for (size_t i = 0; i < names.size(); ++i) {
    const std::string name = utf8_name(names[i]);
    CHECK(printable(name) == name);
    CHECK(seen.insert(name).second);
    if (names[i].size() == 4) continue;
    for (const char c : characters) names.push_back(names[i] + c);
  }
  CHECK(seen.size() == 1 + 7 + 49 + 343 + 2401);
  CHECK(seen.insert(utf8_name("\\x5CxE9")).second);  // escaping something like an escape gives a new name
}
