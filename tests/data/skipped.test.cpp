#include "data/skipped.hpp"

#include <fmt/format.h>

#include "tests/catch.hpp"
#include "tests/temporary.hpp"

using smlt::data::skipped_lines;
using smlt::platform::Channel;
using smlt::test::TemporaryDirectory;
namespace fs = std::filesystem;

namespace {

std::vector<std::string> lines(const fs::path& folder, const std::vector<fs::path>& files,
                               const std::string& channel = "train") {
  Channel given;
  given.name = channel;
  given.path = folder;
  return skipped_lines(std::vector{given}, files);
}

}  // namespace

TEST_CASE("Skipped files are counted by extension, the most frequent first with an example", "[data]") {
  const TemporaryDirectory directory;
  for (const char* name : {"a/IMG_2.HEIC", "a/IMG_1.heic", "b/c/d.heic", "notes.txt", "b/read.jpg"})
    directory.write(name, "x");
  CHECK(lines(directory.path(), {directory.path() / "b/read.jpg"}) ==
        std::vector<std::string>{"Skipped: 3 .heic, 1 .txt, such as 'a/IMG_1.heic' in channel 'train'."});
  CHECK(lines(directory.path(), {}).at(0).find("1 .jpg") != std::string::npos);
}

TEST_CASE("Compressed tables, files without an extension and odd names have their own kinds", "[data]") {
  const TemporaryDirectory directory;
  for (const char* name : {"a.csv.gz", "_SUCCESS", "b.", "c.d e", "e.caf\xE9"}) directory.write(name, "x");
  CHECK(lines(directory.path(), {}) ==
        std::vector<std::string>{"Skipped: 4 without an extension, 1 .csv.gz, such as '_SUCCESS' in channel 'train'."});
}

TEST_CASE("Many kinds are summed up", "[data]") {
  const TemporaryDirectory directory;
  for (const char* kind : {"a", "b", "c", "d", "e", "f", "g", "h"}) directory.write("file." + std::string(kind), "x");
  CHECK(lines(directory.path(), {}) ==
        std::vector<std::string>{"Skipped: 1 .a, 1 .b, 1 .c, 1 .d, 1 .e, 1 .f, 2 of other kinds, such as 'file.a' in "
                                 "channel 'train'."});
}

TEST_CASE("What is not data is not counted as skipped", "[data]") {
  const TemporaryDirectory directory;
  for (const char* name : {".hidden", ".git/config", "training-manifest", "MNIST/raw/.keep",
                           "MNIST/processed/training.pt", "__MACOSX/._a.jpg"})
    directory.write(name, "x");
  CHECK(lines(directory.path(), {}).empty());
  directory.write("processed/part.bin", "x");  // not beside raw/
  CHECK(lines(directory.path(), {}).size() == 1);
  CHECK(lines(directory.path(), {}, "code").empty());
  CHECK(lines(directory.path(), {}, "sm_drivers").empty());
  CHECK(lines(directory.path() / "absent", {}).empty());
}

TEST_CASE("Broken links are skipped files, and links to an enclosing folder end the walk", "[data]") {
  const TemporaryDirectory directory;
  directory.write("a/b/file.bin", "x");
  fs::create_symlink("nowhere.jpg", directory.path() / "a/broken.jpg");
  fs::create_directory_symlink("..", directory.path() / "a/up");
  fs::create_directory_symlink(directory.path(), directory.path() / "a/b/root");
  fs::create_directory_symlink("b", directory.path() / "a/beside");
  CHECK(lines(directory.path(), {}) ==
        std::vector<std::string>{"Skipped: 2 .bin, 1 .jpg, such as 'a/b/file.bin' in channel 'train'."});
}

TEST_CASE("Folders that many links lead to are entered once", "[data]") {
  const TemporaryDirectory directory;
  constexpr int kFolders = 40;  // two links each: a walk along all of them would never end
  for (int i = 0; i < kFolders; ++i) {
    const fs::path folder = directory.path() / fmt::format("d{}", i);
    fs::create_directory(folder);
    for (const char* link : {"a", "b"}) fs::create_directory_symlink(fmt::format("../d{}", i + 1), folder / link);
  }
  directory.write(fmt::format("d{}/file.bin", kFolders), "x");
  CHECK(lines(directory.path(), {}).at(0).starts_with("Skipped: 2 .bin, such as 'd0/"));  // itself, and by one link
}

TEST_CASE("Files beside the channels are counted too", "[data]") {
  const TemporaryDirectory directory;
  directory.write("training/a.csv", "x");
  directory.write("training-manifest", "[]");
  CHECK(!smlt::data::skipped_beside_channels(directory.path()));
  CHECK(!smlt::data::skipped_beside_channels(directory.path() / "absent"));
  directory.write("validation.csv", "x");
  CHECK(smlt::data::skipped_beside_channels(directory.path()) ==
        "Skipped: 1 .csv, such as 'validation.csv' beside the channels.");
}
