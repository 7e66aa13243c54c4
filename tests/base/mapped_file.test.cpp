#include "base/mapped_file.hpp"

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/folder.hpp"
#include "base/temporary_folder.hpp"
#include "tests/catch.hpp"
#include "tests/temporary.hpp"

using namespace smlt;

TEST_CASE("A mapped file has the bytes of the file", "[base]") {
  const test::TemporaryDirectory directory;
  write_file(directory.path() / "some", std::string_view("a\0b", 3));
  write_file(directory.path() / "none", "");
  CHECK(MappedFile(directory.path() / "some").bytes() == std::string_view("a\0b", 3));
  CHECK(MappedFile(directory.path() / "none").bytes().empty());
  CHECK_THROWS_AS(MappedFile(directory.path()), UserError);
  CHECK_THROWS_AS(MappedFile(directory.path() / "missing"), PlatformError);
}

TEST_CASE("A temporary folder goes with everything in it", "[base]") {
  std::filesystem::path path;
  {
    TemporaryFolder first("a test");
    path = first.path();
    write_file(path / "file", "content");
    create_folder(path / "deeper" / "still");
    TemporaryFolder second = std::move(first);
    CHECK(first.path().empty());  // NOLINT: that is what is tested
    CHECK(is_folder(second.path()));
  }
  CHECK_FALSE(is_there(path));
  TemporaryFolder none;
  none.remove();
  CHECK(none.path().empty());
}
