#include "http/part_answers.hpp"

#include "tests/catch.hpp"

using namespace smlt;

TEST_CASE("Answers to parts come out in the order of the parts, and others are ignored", "[http]") {
  http::PartAnswers answers;
  answers.expect(7, {});
  answers.expect(8, {});
  answers.put(8, {200, "", {}, "second"});
  CHECK(!answers.take());
  answers.put(6, {200, "", {}, "older"});
  answers.put(9, {200, "", {}, "newer"});
  answers.put(7, {200, "", {}, "first"});
  CHECK(answers.take()->body == "first");
  CHECK(answers.take()->body == "second");
  CHECK(!answers.take());
  CHECK(answers.expected() == 0);
}
