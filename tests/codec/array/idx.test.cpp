#include "codec/array/idx.hpp"

#include <sys/stat.h>

#include <string>

#include "base/error.hpp"
#include "tests/catch.hpp"
#include "tests/codec/archive/made_gzip.hpp"
#include "tests/temporary.hpp"

using namespace std::string_literals;
using namespace smlt::codec;
using smlt::AlgorithmError;
using smlt::PlatformError;
using smlt::UserError;
using smlt::test::made_gzip;
using smlt::test::TemporaryDirectory;

namespace {

const std::string kLabels = "\0\0\x08\x01\0\0\0\x03\x07\x02\xFF"s;  // [3]
const std::string kImages =
    "\0\0\x08\x03\0\0\0\x02\0\0\0\x01\0\0\0\x03"
    "abcdef"s;                                                            // [2, 1, 3]
const std::string kHuge = "\0\0\x08\x03\x80\0\0\0\0\0\0\x1C\0\0\0\x1C"s;  // [2^31, 28, 28]
const std::string kOverflowing = "\0\0\x08\x04\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\0\0\0\x10"s;
const std::string kWraps = "\0\0\x08\x04\x80\0\0\0\x80\0\0\0\0\0\0\x04\0\0\0\x01"s;  // the product is 2^64

ByteArray read(const TemporaryDirectory& folder, const std::string& content) {
  return read_idx(folder.write("file-ubyte", content));
}

std::optional<IdxHeader> header_in(const std::string& front) {
  return idx_header({reinterpret_cast<const uint8_t*>(front.data()), front.size()});
}

}  // namespace

TEST_CASE("an IDX file is read, plain and gzip", "[array]") {
  const TemporaryDirectory folder;
  for (const bool gzip : {false, true}) {
    const ByteArray labels = read(folder, gzip ? made_gzip(kLabels) : kLabels);
    CHECK(labels.shape == std::vector<int64_t>{3});
    CHECK(labels.data == std::vector<uint8_t>{7, 2, 255});
    const ByteArray images = read(folder, gzip ? made_gzip(kImages) : kImages);
    CHECK(images.shape == std::vector<int64_t>{2, 1, 3});
    CHECK(images.data == std::vector<uint8_t>{'a', 'b', 'c', 'd', 'e', 'f'});
  }
}

TEST_CASE("an IDX file without a row is read as such", "[array]") {
  const TemporaryDirectory folder;
  const ByteArray none = read(folder, "\0\0\x08\x03\0\0\0\0\0\0\0\x1C\0\0\0\x1C"s);
  CHECK(none.shape == std::vector<int64_t>{0, 28, 28});
  CHECK(none.data.empty());
}

TEST_CASE("what write_idx writes is read back, in one to four dimensions", "[array]") {
  const TemporaryDirectory folder;
  for (const auto& shape : {std::vector<int64_t>{24}, {300, 2}, {2, 3, 4}, {2, 3, 1, 4}, {0, 28, 28}}) {
    ByteArray array{shape, {}};
    size_t size = 1;
    for (const int64_t dimension : shape) size *= static_cast<size_t>(dimension);
    for (size_t i = 0; i < size; ++i) array.data.push_back(static_cast<uint8_t>(i * 37));
    write_idx(folder.path() / "written", array);
    const ByteArray again = read_idx(folder.path() / "written");
    CHECK(again.shape == array.shape);
    CHECK(again.data == array.data);
  }
}

TEST_CASE("write_idx writes the bytes of the format", "[array]") {
  const TemporaryDirectory folder;
  write_idx(folder.path() / "written", {{2, 1, 3}, {'a', 'b', 'c', 'd', 'e', 'f'}});
  std::string content(kImages.size() + 1, '\0');
  std::ifstream(folder.path() / "written", std::ios::binary).read(content.data(), std::streamsize(content.size()));
  content.resize(kImages.size());
  CHECK(content == kImages);
  CHECK(std::filesystem::file_size(folder.path() / "written") == kImages.size());
}

TEST_CASE("write_idx refuses an array whose shape and data differ", "[array]") {
  const TemporaryDirectory folder;
  const auto path = folder.path() / "written";
  CHECK_THROWS_AS(write_idx(path, {{2, 3}, {1, 2}}), AlgorithmError);
  CHECK_THROWS_AS(write_idx(path, {{}, {1}}), AlgorithmError);
  CHECK_THROWS_AS(write_idx(path, {{1, 1, 1, 1, 1}, {1}}), AlgorithmError);
  CHECK_THROWS_AS(write_idx(path, {{-1, -1}, {1}}), AlgorithmError);
  CHECK_THROWS_AS(write_idx(path, {{0, int64_t{1} << 32}, {}}), AlgorithmError);
  CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("a header is recognised by the front of a file", "[array]") {
  for (const std::string& front : {kImages, kImages.substr(0, 16)}) {
    const auto header = header_in(front);
    REQUIRE(header);
    CHECK(header->type == 0x08);
    CHECK(header->shape == std::vector<int64_t>{2, 1, 3});
  }
  CHECK(header_in(kHuge).value().shape == std::vector<int64_t>{int64_t{1} << 31, 28, 28});
  CHECK(header_in("\0\0\x0D\x01\0\0\0\0"s).value().type == 0x0D);
}

TEST_CASE("other fronts are not recognised", "[array]") {
  for (const std::string& front : {""s, "\0"s, "\0\0\x08"s, "text, a long one"s, "\0\1\x08\x01\0\0\0\x03"s,
                                   "\1\0\x08\x01\0\0\0\x03"s, "\0\0\x08\0\0\0\0\x03"s, "\0\0\x08\x05\0\0\0\x03"s,
                                   "\0\0\x0A\x01\0\0\0\x03"s, kImages.substr(0, 15), std::string(100, '\0')}) {
    CHECK_FALSE(header_in(front));
  }
}

TEST_CASE("folders, pipes and absent files are refused", "[array]") {
  const TemporaryDirectory folder;
  REQUIRE(::mkfifo((folder.path() / "pipe").c_str(), 0600) == 0);
  CHECK_THROWS_AS(read_idx(folder.path()), UserError);
  CHECK_THROWS_AS(read_idx(folder.path() / "pipe"), UserError);
  CHECK_THROWS_AS(read_idx(folder.path() / "absent"), PlatformError);
}

TEST_CASE("content that is not IDX is reported with its first bytes", "[array]") {
  const TemporaryDirectory folder;
  CHECK_THROWS_WITH(read(folder, "text"), ContainsSubstring("Expected an IDX file of unsigned bytes") &&
                                              ContainsSubstring("file-ubyte' starting with 74 65 78 74"));
  CHECK_THROWS_WITH(read(folder, "\0\0\x08\x05\0\0\0\x01"s), ContainsSubstring("starting with 00 00 08 05"));
  CHECK_THROWS_WITH(read(folder, "\0\0"s), ContainsSubstring("Expected 2 more bytes of an IDX header"));
}

TEST_CASE("types other than unsigned bytes are reported", "[array]") {
  const TemporaryDirectory folder;
  CHECK_THROWS_WITH(read(folder,
                         "\0\0\x0D\x01\0\0\0\x01"
                         "abcd"s),
                    ContainsSubstring("found type 0x0D in "));
}

TEST_CASE("sizes that no file can hold fail at once", "[array]") {
  const TemporaryDirectory folder;
  for (const std::string& header : {kHuge, kOverflowing, kWraps}) {
    CHECK_THROWS_AS(read(folder, header), UserError);
    CHECK_THROWS_AS(read(folder, made_gzip(header)), UserError);
    CHECK_THROWS_AS(read(folder, header + std::string(4'000, 'x')), UserError);
  }
  CHECK_THROWS_WITH(read(folder, kHuge), ContainsSubstring("Expected 2147483648 x 28 x 28 bytes of data") &&
                                             ContainsSubstring("found a file with room for 0;"));
  CHECK_THROWS_WITH(read(folder, made_gzip(kHuge)), ContainsSubstring("a gzip file that can hold at most"));
}

TEST_CASE("a gzip whose header claims more than there is fails when the data ends", "[array]") {
  const TemporaryDirectory folder;
  const std::string claim = "\0\0\x08\x01\x08\0\0\0"s;  // 128 MiB, which 200,000 bytes of gzip could expand to
  const std::string file = made_gzip(claim + smlt::test::noise(200'000));
  CHECK_THROWS_WITH(read(folder, file),
                    ContainsSubstring("more bytes of IDX data in ") && ContainsSubstring("found the end"));
}

TEST_CASE("memory beyond the first step grows with the data", "[array]") {
  const TemporaryDirectory folder;
  const std::string header = "\0\0\x08\x01\x08\x60\0\0"s;  // 134 MiB: three steps
  const ByteArray array = read(folder, made_gzip(header + std::string(0x08600000 - 1, 'x') + "y", 1));
  REQUIRE(array.data.size() == 0x08600000);
  CHECK(array.data.front() == 'x');
  CHECK(array.data.back() == 'y');
}

TEST_CASE("surplus bytes after the data are an error", "[array]") {
  const TemporaryDirectory folder;
  CHECK_THROWS_WITH(read(folder, kImages + "g"), ContainsSubstring("Expected 2 x 1 x 3 bytes of data") &&
                                                     ContainsSubstring("found a file with room for 7;"));
  CHECK_THROWS_WITH(read(folder, made_gzip(kImages + "g")), ContainsSubstring("found more; replace the file."));
}

TEST_CASE("an IDX file cut off anywhere is an error, plain and gzip", "[array]") {
  const TemporaryDirectory folder;
  for (const std::string& whole : {kImages, made_gzip(kImages)}) {
    for (size_t size = 0; size < whole.size(); ++size) {
      CAPTURE(size);
      CHECK_THROWS_AS(read(folder, whole.substr(0, size)), UserError);
    }
  }
}
