#include "codec/archive/byte_source.hpp"

#include <sys/resource.h>
#include <sys/stat.h>

#include <string>

#include "base/error.hpp"
#include "tests/catch.hpp"
#include "tests/codec/archive/made_gzip.hpp"
#include "tests/temporary.hpp"

using smlt::PlatformError;
using smlt::UserError;
using smlt::codec::ByteSource;
using smlt::test::made_gzip;
using smlt::test::noise;
using smlt::test::TemporaryDirectory;

namespace {

// Everything, taken in pieces of `step` bytes.
std::string drained(const std::filesystem::path& path, size_t step) {
  ByteSource source(path);
  std::string all, piece(step, '\0');
  size_t got = 0;
  do {
    got = source.read({reinterpret_cast<uint8_t*>(piece.data()), step});
    all.append(piece, 0, got);
  } while (got == step);
  const bool is_at_end = source.at_end();
  CHECK(is_at_end);
  return all;
}

std::string bytes(ByteSource& source, size_t count) {
  std::string out(count, '\0');
  source.read_exactly({reinterpret_cast<uint8_t*>(out.data()), count}, "test data");
  return out;
}

}  // namespace

TEST_CASE("a plain file is read unchanged, whatever the size of the pieces", "[archive]") {
  const TemporaryDirectory folder;
  const std::string content = noise(700'001);  // more than two buffers
  const auto path = folder.write("plain", content);
  for (const size_t step : {1'000U, 4'096U, 262'144U, 300'000U, 1'000'000U}) CHECK(drained(path, step) == content);
}

TEST_CASE("gzip is recognised by content, whatever the name and the size of the pieces", "[archive]") {
  const TemporaryDirectory folder;
  const std::string content = noise(700'001);
  const auto path = folder.write("no-suffix", made_gzip(content));
  CHECK(ByteSource(path).is_gzip());
  for (const size_t step : {1'000U, 262'144U, 1'000'000U}) CHECK(drained(path, step) == content);
  CHECK_FALSE(ByteSource(folder.write("named.gz", "plain text")).is_gzip());
  CHECK(drained(folder.write("named.gz", "plain text"), 100) == "plain text");
}

TEST_CASE("concatenated gzip members are one stream, empty ones included", "[archive]") {
  const TemporaryDirectory folder;
  const auto path =
      folder.write("members.gz", made_gzip("one ") + made_gzip("") + made_gzip("two ") + made_gzip("three"));
  CHECK(drained(path, 3) == "one two three");
  CHECK(drained(path, 13) == "one two three");
}

TEST_CASE("a member may start anywhere in the buffer", "[archive]") {
  const TemporaryDirectory folder;
  for (size_t size = 4'096 - 40; size < 4'096; ++size) {  // about where the first read of 4,096 bytes ends
    const std::string first = noise(size);
    REQUIRE(drained(folder.write("two.gz", made_gzip(first, 0) + made_gzip("tail")), 10'000) == first + "tail");
  }
}

TEST_CASE("an empty file and an empty gzip are at their end", "[archive]") {
  const TemporaryDirectory folder;
  CHECK(ByteSource(folder.write("empty", "")).at_end());
  CHECK(ByteSource(folder.write("empty.gz", made_gzip(""))).at_end());
}

TEST_CASE("asking for the end loses no byte", "[archive]") {
  const TemporaryDirectory folder;
  for (const std::string& content : {std::string("abc"), made_gzip("abc")}) {
    ByteSource source(folder.write("abc", content));
    CHECK_FALSE(source.at_end());
    CHECK_FALSE(source.at_end());
    CHECK(bytes(source, 2) == "ab");
    CHECK_FALSE(source.at_end());
    CHECK(source.read({}) == 0);
    CHECK(bytes(source, 1) == "c");
    CHECK(source.at_end());
  }
}

TEST_CASE("data that ends early is reported with what is missing", "[archive]") {
  const TemporaryDirectory folder;
  for (const std::string& content : {std::string("abc"), made_gzip("abc")}) {
    const auto path = folder.write("short", content);
    ByteSource source(path);
    CHECK_THROWS_WITH(bytes(source, 10),
                      ContainsSubstring("Expected 7 more bytes of test data in '" + path.string() + "'"));
  }
}

TEST_CASE("a gzip cut off anywhere is an error once it is read to its end", "[archive]") {
  const TemporaryDirectory folder;
  const std::string whole = made_gzip("some text, some text and some more text");
  for (size_t size = 2; size < whole.size(); ++size) {
    const auto path = folder.write("cut.gz", whole.substr(0, size));
    CAPTURE(size);
    CHECK_THROWS_AS(drained(path, 1'000), UserError);
    CHECK_THROWS_WITH(drained(path, 1'000), ContainsSubstring("cut.gz' is cut off or damaged: it ends in the middle"));
  }
}

TEST_CASE("a changed byte of a gzip is an error or changes nothing of the content", "[archive]") {
  const TemporaryDirectory folder;
  const std::string content = "some text, some text and some more text", whole = made_gzip(content);
  for (size_t at = 2; at < whole.size(); ++at) {
    std::string changed = whole;
    changed[at] = static_cast<char>(changed[at] ^ 0xFF);
    CAPTURE(at);
    try {
      const std::string read = drained(folder.write("changed.gz", changed), 1'000);
      CHECK(read == content);  // the header has a time stamp, say
    } catch (const UserError& error) {
      CHECK_THAT(error.what(), ContainsSubstring("changed.gz' is cut off or damaged: "));
    }
  }
}

TEST_CASE("a wrong checksum or length in a gzip is reported as such", "[archive]") {
  const TemporaryDirectory folder;
  for (const auto& [from_end, reason] : {std::pair{8U, "incorrect data check"}, {4U, "incorrect length check"}}) {
    std::string changed = made_gzip("abc");
    changed[changed.size() - from_end] = static_cast<char>(changed[changed.size() - from_end] ^ 1);
    const auto path = folder.write("changed.gz", changed);
    CHECK_THROWS_WITH(drained(path, 100), "'" + path.string() + "' is cut off or damaged: " + reason + "; replace it.");
  }
}

TEST_CASE("at_end checks what follows the last byte of the data", "[archive]") {
  const TemporaryDirectory folder;
  ByteSource source(folder.write("long.gz", made_gzip("abc") + "garbage"));
  CHECK(bytes(source, 3) == "abc");
  CHECK_THROWS_AS(source.at_end(), UserError);
}

TEST_CASE("bytes after a gzip that are not gzip are an error", "[archive]") {
  const TemporaryDirectory folder;
  const std::string zeros(600, '\0');
  for (const std::string& garbage :
       {std::string("garbage"), zeros + "garbage", zeros + '\x1', "x" + zeros, std::string("\x1F\x8B\x07\x07")}) {
    const auto path = folder.write("long.gz", made_gzip("abc") + garbage);
    CHECK_THROWS_WITH(drained(path, 100), ContainsSubstring("bytes that are not gzip follow the compressed data"));
  }
}

TEST_CASE("zeros after a gzip are padding, as many as there are", "[archive]") {
  const TemporaryDirectory folder;
  const std::string content = noise(10'000), whole = made_gzip(content);
  // About where the first read ends, and where the buffer does.
  for (const size_t size : {1U, 511U, 512U, 4'096U, 262'143U, 262'144U, 262'145U, 1'000'000U}) {
    CAPTURE(size);
    const auto path = folder.write("padded.gz", whole + std::string(size, '\0'));
    for (const size_t step : {1'000U, 10'000U, 20'000U}) REQUIRE(drained(path, step) == content);
  }
}

TEST_CASE("zeros between gzip members are padding too, as for Python", "[archive]") {
  const TemporaryDirectory folder;
  for (const size_t size : {1U, 4'000U, 262'144U, 300'000U}) {
    const std::string zeros(size, '\0');
    const auto path = folder.write("members.gz", made_gzip("one ") + zeros + made_gzip("") + made_gzip("two") + zeros);
    CHECK(drained(path, 3) == "one two");
    CHECK(drained(path, 100) == "one two");
  }
  const auto path = folder.write("cut.gz", made_gzip("one ") + std::string(600, '\0') + made_gzip("two").substr(0, 12));
  CHECK_THROWS_WITH(drained(path, 100), ContainsSubstring("it ends in the middle of the compressed data"));
}

TEST_CASE("a gigabyte of zeros after a gzip takes no memory", "[archive]") {
  const TemporaryDirectory folder;
  const auto path = folder.write("sparse.gz", made_gzip("abc"));
  std::filesystem::resize_file(path, uint64_t{1} << 30);  // a hole
  rusage before{}, after{};
  REQUIRE(::getrusage(RUSAGE_SELF, &before) == 0);
  CHECK(drained(path, 100) == "abc");
  REQUIRE(::getrusage(RUSAGE_SELF, &after) == 0);
  CHECK(after.ru_maxrss - before.ru_maxrss < 16 << 10);  // KiB
}

TEST_CASE("most_bytes is an upper limit, close to what deflate can reach", "[archive]") {
  const TemporaryDirectory folder;
  CHECK(ByteSource(folder.write("plain", "abc")).most_bytes() == 3);
  const std::string zeros(4'000'000, '\0');
  const ByteSource source(folder.write("zeros.gz", made_gzip(zeros, 9)));
  CHECK(source.most_bytes() >= zeros.size());
  CHECK(source.most_bytes() < 2 * zeros.size());
}

TEST_CASE("what is not a regular file is refused and never waited for", "[archive]") {
  const TemporaryDirectory folder;
  CHECK_THROWS_AS(ByteSource(folder.path()), UserError);
  CHECK_THROWS_AS(ByteSource(folder.path() / "absent"), PlatformError);
  const auto pipe = folder.path() / "pipe";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  CHECK_THROWS_WITH(ByteSource(pipe),
                    ContainsSubstring("Expected a file, found something else at '" + pipe.string() + "'"));
}
