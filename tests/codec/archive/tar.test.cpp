#include "codec/archive/tar.hpp"

#include <string>

#include "base/error.hpp"
#include "tests/catch.hpp"
#include "tests/codec/archive/made_gzip.hpp"
#include "tests/datasets/made_cifar.hpp"
#include "tests/temporary.hpp"

using namespace std::string_literals;
using namespace smlt::codec;
using smlt::UserError;
using smlt::test::made_gzip;
using smlt::test::made_tar;
using smlt::test::TemporaryDirectory;

namespace {

using Files = std::vector<std::pair<std::string, std::string>>;

constexpr uint64_t kEnough = 1 << 20;

Files read(const TemporaryDirectory& folder, const std::string& bytes, uint64_t most = kEnough) {
  TarReader archive(folder.write("archive.tar", bytes), most);
  Files files;
  while (const auto member = archive.next()) {
    const std::vector<uint8_t> content = archive.read();
    files.emplace_back(member->name, std::string(content.begin(), content.end()));
    CHECK(member->size == content.size());
  }
  return files;
}

std::string without_end(std::string archive) { return archive.substr(0, archive.size() - 1024); }

// A header of this type in front of an archive.
std::string entry(char type, const std::string& content, const std::string& name = "x") {
  return without_end(made_tar({{name, content}}, type));
}

// With the bytes at `at` replaced and the checksum corrected.
std::string changed(std::string archive, size_t at, const std::string& bytes) {
  archive.replace(at, bytes.size(), bytes).replace(148, 8, 8, ' ');
  unsigned sum = 0;
  for (size_t i = 0; i < 512; ++i) sum += static_cast<unsigned char>(archive[i]);
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), "%06o", sum);
  return archive.replace(148, 8, text.data(), 8);
}

const Files kFiles = {{"folder/a", "hello"}, {"folder/empty", ""}, {"b", std::string(2000, 'b')}};

}  // namespace

TEST_CASE("the files of an archive are read in order, plain and gzip", "[archive]") {
  const TemporaryDirectory folder;
  CHECK(read(folder, made_tar(kFiles)) == kFiles);
  CHECK(read(folder, made_gzip(made_tar(kFiles))) == kFiles);
  CHECK(read(folder, made_tar(kFiles) + std::string(9000, '\0')) == kFiles);
  CHECK(read(folder, made_gzip(made_tar(kFiles)) + std::string(9000, '\0')) == kFiles);  // as bsdtar fills its blocks
  CHECK(read(folder, made_gzip(made_tar(kFiles) + std::string(10'240, '\0')) + std::string(3, '\0')) == kFiles);
  CHECK(read(folder, without_end(made_tar(kFiles))) == kFiles);  // tar(1) reads it too
  CHECK(read(folder, made_tar({})).empty());
}

TEST_CASE("files may be skipped, and are read once", "[archive]") {
  const TemporaryDirectory folder;
  TarReader archive(folder.write("a.tar", made_tar(kFiles)), kEnough);
  CHECK(archive.next()->name == "folder/a");
  CHECK(archive.next()->name == "folder/empty");
  CHECK(archive.next()->name == "b");
  CHECK(archive.read().size() == 2000);
  CHECK(archive.read().empty());
  CHECK_FALSE(archive.next());
}

TEST_CASE("folders, links and devices are skipped", "[archive]") {
  const TemporaryDirectory folder;
  for (const char type : {'1', '2', '3', '4', '5', '6'}) {
    CHECK(read(folder, entry(type, "", "other") + made_tar(kFiles)) == kFiles);
  }
  CHECK(read(folder, entry('\0', "", "old/folder/") + made_tar(kFiles)) == kFiles);
  CHECK(read(folder, entry('V', "a volume's name") + made_tar(kFiles)) == kFiles);
  // A link that claims a size still has no content.
  CHECK(read(folder, changed(entry('2', ""), 124, "00000007777") + made_tar(kFiles)) == kFiles);
}

TEST_CASE("long names: pax, GNU, POSIX's prefix", "[archive]") {
  const TemporaryDirectory folder;
  const std::string name = std::string(150, 'n') + "/file";
  const std::string record = " path=" + name + "\n";
  CHECK(read(folder, entry('x', std::to_string(record.size() + 3) + record) + made_tar({{"n", "c"}})) ==
        Files{{name, "c"}});
  CHECK(read(folder, entry('L', name + '\0') + made_tar({{"n", "c"}})) == Files{{name, "c"}});
  CHECK(read(folder, changed(made_tar({{"file", "c"}}), 345, "some/where")) == Files{{"some/where/file", "c"}});
  CHECK(read(folder, made_tar({{"./file", "c"}})) == Files{{"file", "c"}});
  // It names only the next file; global records and times name none.
  CHECK(read(folder, entry('L', "long") + made_tar({{"a", "1"}, {"b", "2"}})) == Files{{"long", "1"}, {"b", "2"}});
  CHECK(read(folder, entry('g', "17 comment=hello\n") + entry('x', "12 mtime=12\n") + made_tar(kFiles)) == kFiles);
}

TEST_CASE("sizes in pax and in GNU's binary form", "[archive]") {
  const TemporaryDirectory folder;
  const std::string whole = made_tar({{"a", "hello"}});
  CHECK(read(folder, changed(whole, 124, "\x80\0\0\0\0\0\0\0\0\0\0\5"s)) == Files{{"a", "hello"}});
  CHECK(read(folder, entry('x', "10 size=5\n") + changed(whole, 124, "00000000000")) == Files{{"a", "hello"}});
  for (const std::string& size :
       {"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"s, "\x80\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"s,
        "0000000000x"s, "-0000000001"s}) {
    CHECK_THROWS_WITH(read(folder, changed(whole, 124, size)),
                      ContainsSubstring("the size of an entry is not a number"));
  }
}

TEST_CASE("a file that is not an archive, or a damaged one, is reported", "[archive]") {
  const TemporaryDirectory folder;
  CHECK_THROWS_WITH(read(folder, ""),
                    ContainsSubstring("archive.tar' is not an archive that can be read: it is empty"));
  CHECK_THROWS_WITH(read(folder, std::string(600, 'x')), ContainsSubstring("it is not a tar archive"));
  CHECK_THROWS_WITH(read(folder, made_gzip("text")), ContainsSubstring("more bytes of the archive"));
  std::string damaged = made_tar(kFiles);
  damaged[1024] = 'X';
  CHECK_THROWS_WITH(read(folder, damaged), ContainsSubstring("the checksum of an entry is wrong"));
  for (const char* record : {"x", "3 a", "99 path=a\n", "1 path=a\n", "10 size=z\n", "4294967296 a=b\n"}) {
    CHECK_THROWS_WITH(read(folder, entry('x', record) + made_tar(kFiles)), ContainsSubstring("pax record"));
  }
  CHECK_THROWS_WITH(read(folder, entry('L', std::string(70'000, 'n')) + made_tar(kFiles)), ContainsSubstring("64 KiB"));
  CHECK_THROWS_WITH(read(folder, entry('S', "sparse")), ContainsSubstring("sparse"));
}

TEST_CASE("an archive that is cut off inside a file or a header is an error", "[archive]") {
  const TemporaryDirectory folder;
  const std::string whole = made_tar({{"a", std::string(700, 'a')}, {"b", "b"}});
  for (size_t size = 0; size < whole.size() - 1024; ++size) {
    if (size == 512 + 1024) continue;  // at the end of a file it only lacks the closing blocks
    CAPTURE(size);
    CHECK_THROWS_AS(read(folder, whole.substr(0, size)), UserError);
  }
  const std::string packed = made_gzip(whole);
  for (size_t size = 0; size < packed.size(); ++size) {
    CAPTURE(size);
    CHECK_THROWS_AS(read(folder, packed.substr(0, size)), UserError);
  }
}

TEST_CASE("an archive that holds more than it may is refused without taking its memory", "[archive]") {
  const TemporaryDirectory folder;
  const std::string zeros = made_tar({{"a", std::string(1 << 20, '\0')}});
  CHECK_THROWS_WITH(read(folder, zeros), ContainsSubstring("Expected an archive that holds at most 1048576 bytes"));
  CHECK_THROWS_AS(read(folder, made_gzip(zeros)), UserError);
  CHECK_THROWS_AS(read(folder, made_tar({}) + std::string(2 << 20, '\0')), UserError);
  // A size that the file does not have.
  const std::string claim = changed(made_tar({{"a", ""}}), 124, "\x80\0\0\0\0\1\0\0\0\0\0\0"s);
  CHECK_THROWS_AS(read(folder, claim, uint64_t{1} << 60), UserError);
}
