#include "base/hash.hpp"

#include "tests/catch.hpp"

using namespace smlt;

TEST_CASE("Hashes are those that the authors of FNV-1a publish", "[base]") {
  static_assert(fnv_hash("") == 0xCBF29CE484222325);
  static_assert(fnv_hash("a") == 0xAF63DC4C8601EC8C);
  CHECK(fnv_hash("foobar") == 0x85944171F73967E8);
}

TEST_CASE("The hash of a text is that of its parts one after the other", "[base]") {
  CHECK(fnv_hash("bar\xff", fnv_hash("foo")) == fnv_hash("foobar\xff"));
}
