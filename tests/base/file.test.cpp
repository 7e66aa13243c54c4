#include "base/file.hpp"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <set>
#include <thread>

#include "base/error.hpp"
#include "tests/catch.hpp"
#include "tests/temporary.hpp"

using namespace smlt;
namespace fs = std::filesystem;

namespace {

std::set<std::string> names_in(const fs::path& directory) {
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(directory)) names.insert(entry.path().filename().string());
  return names;
}

mode_t mode_of(const fs::path& path) {
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status.st_mode & 07777;
}

class Umask {
 public:
  explicit Umask(mode_t mask) : before_(::umask(mask)) {}
  Umask(const Umask&) = delete;
  Umask& operator=(const Umask&) = delete;
  ~Umask() { ::umask(before_); }

 private:
  mode_t before_;
};

// While this exists, no file can grow beyond `bytes`.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit = {bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    ::signal(SIGXFSZ, handler_before_);
  }

 private:
  rlimit before_{};
  void (*handler_before_)(int) = ::signal(SIGXFSZ, SIG_IGN);
};

}  // namespace

TEST_CASE("A file reads back as it was written, whatever its bytes", "[base]") {
  const test::TemporaryDirectory directory;
  const fs::path path = directory.path() / "a";
  for (const std::string& content : {std::string(), std::string("a\0\xff\n", 4), std::string(1 << 20, 'x')}) {
    write_file(path, content);
    CHECK(read_file(path, 1 << 20) == content);
    CHECK(names_in(directory.path()) == std::set<std::string>{"a"});
  }
}

TEST_CASE("A file larger than the limit is not read", "[base]") {
  const test::TemporaryDirectory directory;
  const fs::path path = directory.write("big", "12345");
  CHECK(read_file(path, 5) == "12345");
  CHECK_THROWS_WITH(read_file(path, 4), ContainsSubstring("big' has 5 bytes, more than the 4 that are read."));
  CHECK_THROWS_AS(read_file(path, 4), UserError);
}

TEST_CASE("A path that is absent or not a file is refused by name", "[base]") {
  const test::TemporaryDirectory directory;
  CHECK_THROWS_AS(read_file(directory.path() / "absent", 10), PlatformError);
  CHECK_THROWS_WITH(read_file(directory.path() / "absent", 10),
                    ContainsSubstring("absent': No such file or directory."));
  CHECK_THROWS_AS(read_file(directory.path(), 10), UserError);
  CHECK_THROWS_AS(read_file("/dev/null", 10), UserError);
}

TEST_CASE("A written file is readable by everybody whatever the umask", "[base]") {
  const test::TemporaryDirectory directory;
  const fs::path path = directory.path() / "a";
  const Umask strict(077);
  write_file(path, "x");
  CHECK(mode_of(path) == 0644);
  CHECK(read_file(path, 10) == "x");
}

TEST_CASE("A failure leaves the old file and nothing beside it", "[base]") {
  const test::TemporaryDirectory directory;
  const fs::path path = directory.write("a", "old");
  {
    const FileSizeLimit limit(1000);
    CHECK_THROWS_WITH(write_file(path, std::string(5000, 'x')), ContainsSubstring("/a': File too large."));
  }
  CHECK(read_file(path, 10) == "old");
  CHECK(names_in(directory.path()) == std::set<std::string>{"a"});
}

TEST_CASE("A place that cannot be written to is named and left as it was", "[base]") {
  const test::TemporaryDirectory directory;
  CHECK_THROWS_WITH(write_file(directory.path() / "no" / "a", "x"),
                    ContainsSubstring("no/a': No such file or directory."));
  directory.write("folder/inside", "");
  CHECK_THROWS_AS(write_file(directory.path() / "folder", "x"), PlatformError);
  CHECK(names_in(directory.path()) == std::set<std::string>{"folder"});
}

TEST_CASE("A reader sees the old file or the new one, never a part", "[base]") {
  const test::TemporaryDirectory directory;
  const fs::path path = directory.path() / "a";
  const std::string old_content(100'000, 'o');
  const std::string new_content(50'000, 'n');
  write_file(path, old_content);
  std::atomic<bool> done = false;
  std::thread writer([&] {
    for (int i = 0; i < 50; ++i) write_file(path, i % 2 == 0 ? new_content : old_content);
    done = true;
  });
  size_t torn = 0;
  while (!done) {
    const std::string seen = read_file(path, 200'000);
    if (seen != old_content && seen != new_content) ++torn;
  }
  writer.join();
  CHECK(torn == 0);
}
