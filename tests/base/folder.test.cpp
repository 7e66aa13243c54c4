#include "base/folder.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include "base/error.hpp"
#include "base/file.hpp"
#include "tests/catch.hpp"
#include "tests/ordinary_user.hpp"
#include "tests/temporary.hpp"

using namespace smlt;
namespace fs = std::filesystem;

namespace {

mode_t mode_of(const fs::path& path) {
  struct stat status {};
  REQUIRE(::lstat(path.c_str(), &status) == 0);
  return status.st_mode & 07777;
}

// The functions that ask about a path; each must say the same of a path that cannot be checked.
void check_refused(const fs::path& path, const std::string& cause) {
  CAPTURE(path);
  for (const auto& ask : {is_there, is_file, is_folder}) {
    CHECK_THROWS_AS(ask(path), PlatformError);
    CHECK_THROWS_WITH(ask(path), ContainsSubstring("Cannot read '" + path.native().substr(0, 20)) &&
                                     ContainsSubstring("': " + cause + "."));
  }
  CHECK_THROWS_AS(entries(path), PlatformError);
  CHECK_THROWS_WITH(entries(path), ContainsSubstring(cause));
  CHECK_THROWS_AS(create_folder(path / "inner"), PlatformError);
  CHECK_THROWS_AS(read_file(path, 10), PlatformError);
  CHECK_THROWS_AS(write_file(path / "inner", ""), PlatformError);
}

}  // namespace

TEST_CASE("A path is a file, a folder, something else or nothing", "[base]") {
  const test::TemporaryDirectory directory;
  const fs::path file = directory.write("file", "x");
  fs::create_symlink("file", directory.path() / "link");
  fs::create_symlink(".", directory.path() / "folder-link");
  fs::create_symlink("nowhere", directory.path() / "broken");
  REQUIRE(::mkfifo((directory.path() / "pipe").c_str(), 0600) == 0);
  const auto check = [&](const fs::path& path, bool there, bool a_file, bool a_folder) {
    CAPTURE(path);
    CHECK(is_there(path) == there);
    CHECK(is_file(path) == a_file);
    CHECK(is_folder(path) == a_folder);
  };
  check(file, true, true, false);
  check(directory.path() / "link", true, true, false);
  check(directory.path(), true, false, true);
  check(directory.path() / "folder-link", true, false, true);
  check(directory.path() / "pipe", true, false, false);
  check(directory.path() / "broken", false, false, false);
  check(directory.path() / "absent", false, false, false);
  check(file / "inside", false, false, false);
  check("", false, false, false);
}

TEST_CASE("A path that cannot be looked at is refused with the cause", "[base]") {
  const test::TemporaryDirectory directory;
  check_refused(directory.path() / std::string(300, 'a'), "File name too long");
  std::string deep;
  for (int i = 0; i < 2500; ++i) deep += "/a";
  check_refused(directory.path().native() + deep, "File name too long");
  fs::create_symlink("loop", directory.path() / "loop");
  check_refused(directory.path() / "loop", "Too many levels of symbolic links");
  fs::create_symlink("there", directory.path() / "here");
  fs::create_symlink("here", directory.path() / "there");
  check_refused(directory.path() / "here" / "file", "Too many levels of symbolic links");
  directory.write("locked/file", "x");
  fs::permissions(directory.path(), fs::perms::none);
  {
    const test::OrdinaryUser user;
    check_refused(directory.path() / "locked" / "file", "Permission denied");
  }
  fs::permissions(directory.path(), fs::perms::owner_all);
}

TEST_CASE("A path with a NUL byte is not cut there", "[base]") {
  const test::TemporaryDirectory directory;
  const fs::path path = directory.write("a", "x").native() + std::string("\0b", 2);
  CHECK_THROWS_AS(is_file(path), UserError);
  CHECK_THROWS_WITH(is_there(path), ContainsSubstring("without a NUL byte"));
  CHECK_THROWS_AS(is_folder(path), UserError);
  CHECK_THROWS_AS(entries(path), UserError);
  CHECK_THROWS_AS(create_folder(path), UserError);
  CHECK_THROWS_AS(read_file(path, 10), UserError);
  CHECK_THROWS_AS(write_file(path, ""), UserError);
}

TEST_CASE("The entries of a folder are sorted, hidden ones included", "[base]") {
  const test::TemporaryDirectory directory;
  for (const char* name : {"b", "a/inner", ".hidden", "B", "\xff"}) directory.write(name, "");
  std::vector<std::string> names;
  for (const fs::path& path : entries(directory.path())) names.push_back(path.filename().native());
  CHECK(names == std::vector<std::string>{".hidden", "B", "a", "b", "\xff"});
  CHECK_THROWS_WITH(entries(directory.path() / "absent"),
                    ContainsSubstring("Cannot list") && ContainsSubstring("absent': No such file or directory."));
  CHECK_THROWS_WITH(entries(directory.path() / "b"), ContainsSubstring("b': Not a directory."));
}

TEST_CASE("A folder is made with those above it, but not in place of a file", "[base]") {
  const test::TemporaryDirectory directory;
  create_folder(directory.path() / "a" / "b");
  create_folder(directory.path() / "a" / "b");
  CHECK(is_folder(directory.path() / "a" / "b"));
  directory.write("file", "");
  CHECK_THROWS_WITH(create_folder(directory.path() / "file"),
                    ContainsSubstring("Cannot create the directory") && ContainsSubstring("file': "));
  CHECK_THROWS_AS(create_folder(directory.path() / "file" / "inner"), PlatformError);
}

TEST_CASE("A tree is opened to everybody, except what a link leads to", "[base]") {
  const test::TemporaryDirectory outside;
  const fs::path secret = outside.write("secret", "");
  fs::permissions(secret, fs::perms(0600));
  fs::permissions(outside.path(), fs::perms(0700));
  const test::TemporaryDirectory directory;
  const fs::path top = directory.path() / "top";
  for (int i = 0; i < 20; ++i) {  // in whatever order the file system lists them
    const std::string number = std::to_string(i);
    const fs::path file = directory.write("top/folder" + number + "/file", "");
    fs::permissions(file, fs::perms(0600));
    fs::permissions(file.parent_path(), fs::perms(0700));
    fs::create_symlink("nowhere", top / ("broken" + number));
    fs::create_symlink(secret, top / ("link" + number));
    fs::create_symlink(outside.path(), top / ("folder-link" + number));
    fs::create_symlink(top, file.parent_path() / "up");
  }
  fs::permissions(top, fs::perms(0700));
  open_to_everybody(top);
  CHECK(mode_of(top) == 0777);
  for (int i = 0; i < 20; ++i) {
    const fs::path folder = top / ("folder" + std::to_string(i));
    CHECK(mode_of(folder) == 0777);
    CHECK(mode_of(folder / "file") == 0666);
  }
  CHECK(mode_of(secret) == 0600);
  CHECK(mode_of(outside.path()) == 0700);
  open_to_everybody(directory.path() / "absent");
  open_to_everybody(directory.path() / std::string(300, 'a'));
}

TEST_CASE("Files that cannot be opened to everybody do not keep the rest closed", "[base]") {
  if (::geteuid() != 0) return;  // files of another user cannot be made
  const test::TemporaryDirectory directory;
  std::vector<fs::path> own;
  for (int i = 0; i < 20; ++i) {
    const fs::path other = directory.write("other" + std::to_string(i), "");
    fs::permissions(other, fs::perms(0600));
    own.push_back(directory.write("own" + std::to_string(i), ""));
    fs::permissions(own.back(), fs::perms(0600));
    REQUIRE(::chown(own.back().c_str(), test::OrdinaryUser::kNobody, test::OrdinaryUser::kNobody) == 0);
  }
  fs::permissions(directory.path(), fs::perms(0755));
  {
    const test::OrdinaryUser user;
    open_to_everybody(directory.path());
  }
  for (const fs::path& path : own) CHECK(mode_of(path) == 0666);
  CHECK(mode_of(directory.path() / "other0") == 0600);
}
