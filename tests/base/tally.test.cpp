#include "base/tally.hpp"

#include "tests/catch.hpp"

using namespace smlt;

TEST_CASE("Kinds are told with the most frequent first, and an example of it", "[base]") {
  Tally tally;
  CHECK(tally.is_empty());
  CHECK(tally.phrase().empty());
  tally.add(".txt", "notes.txt");
  CHECK_FALSE(tally.is_empty());
  CHECK(tally.phrase() == "1 .txt, such as 'notes.txt'");
  for (const char* name : {"b.heic", "a.heic"}) tally.add(".heic", name);
  tally.add(".csv", "c.csv");
  CHECK(tally.phrase() == "2 .heic, 1 .csv, 1 .txt, such as 'b.heic'");
}

TEST_CASE("Beyond six kinds the rest are one number", "[base]") {
  Tally tally;
  for (const char kind : std::string("hgfedcbaa")) tally.add(std::string(1, kind), std::string(300, kind));
  CHECK(tally.phrase() == "2 a, 1 b, 1 c, 1 d, 1 e, 1 f, 2 of other kinds, such as '" + std::string(200, 'a') + "...'");
}
