#include "datasets/read_ahead.hpp"

#include <atomic>
#include <stdexcept>

#include "codec/array/array.hpp"
#include "tests/catch.hpp"

using namespace smlt;

namespace {

std::atomic<int> decoded = 0;

codec::ByteArray decode(const std::filesystem::path& path) {
  ++decoded;
  if (path == "bad") throw std::runtime_error("not to be read");
  return {{1}, {static_cast<uint8_t>(path.native().size())}};
}

}  // namespace

TEST_CASE("A file read ahead is decoded once, any other is decoded on request", "[datasets]") {
  decoded = 0;
  datasets::ReadAhead files;
  files.start("ahead", [] { return decode("ahead"); });
  files.start("ahead", [] { return decode("ahead"); });
  CHECK(files.take("ahead", [] { return decode("ahead"); }).data[0] == 5);
  CHECK(decoded == 1);
  CHECK(files.take("here", [] { return decode("here"); }).data[0] == 4);
  CHECK(decoded == 2);
}

TEST_CASE("An error while decoding ahead is thrown when the file is requested", "[datasets]") {
  datasets::ReadAhead files;
  files.start("bad", [] { return decode("bad"); });
  CHECK_THROWS_WITH(files.take("bad", [] { return decode("bad"); }), "not to be read");
}
