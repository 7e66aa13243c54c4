#include "codec/archive/zip.hpp"

#include <stdexcept>

#include "base/bytes.hpp"
#include "tests/catch.hpp"
#include "tests/codec/weights/made_weights.hpp"

using namespace smlt::codec;
using namespace smlt::test;
using namespace std::string_literals;

TEST_CASE("A zip archive gives its stored entries", "[archive]") {
  const std::string whole = made_zip({{"a", "one"}, {"empty", ""}, {"folder/b", "two"}});
  for (const std::string& bytes : {whole, whole.substr(0, whole.size() - 2) + "\5\0hello"s}) {  // with a comment
    const std::vector<ZipMember> entries = zip_members(bytes);
    REQUIRE(entries.size() == 3);
    CHECK(entries[2].name == "folder/b");
    CHECK(entries[2].packed == "two");
    CHECK(entries[1].packed.empty());
  }
  const auto with = [&](size_t at, char value) {
    std::string changed = whole;
    changed[changed.find("PK\1\2") + at] = value;
    return changed;
  };
  CHECK_THROWS_WITH(zip_members(with(10, 9)), ContainsSubstring("its entry 'a' is packed in another way"));
  CHECK_THROWS_WITH(zip_members(with(8, 1)), ContainsSubstring("its entry 'a' is encrypted"));
  CHECK_THROWS_WITH(zip_members(with(24, 4)), ContainsSubstring("its entry 'a' has a size that cannot be true"));
  // Deflated only in name: content that is not deflated, or that has another checksum, is reported when it is unpacked.
  CHECK(zip_members(with(10, 8))[0].is_deflated);
  CHECK_THROWS_WITH(unzipped(zip_members(with(10, 8))[0]), ContainsSubstring("it is damaged"));
  CHECK_THROWS_WITH(unzipped(zip_members(with(16, 1))[0]), ContainsSubstring("a checksum is wrong"));
  CHECK(unzipped(zip_members(whole)[0]) == "one");
  CHECK(unzipped(zip_members(whole)[1]).empty());
}

TEST_CASE("A zip archive gives its deflated entries", "[archive]") {
  const std::string content(5000, 'x');
  const std::string whole = made_zip({{"a", content}, {"empty", ""}}, /*is_deflated=*/true);
  CHECK(whole.size() < 500);
  CHECK(unzipped(zip_members(whole)[0]) == content);
  CHECK(unzipped(zip_members(whole)[1]).empty());
}

TEST_CASE("A zip archive cut off anywhere is refused", "[archive]") {
  const std::string whole = made_zip({{"a", "one"}, {"b", "two"}});
  for (size_t size = 0; size < whole.size(); ++size) {
    CAPTURE(size);
    CHECK_THROWS_AS(zip_members(whole.substr(0, size)), std::invalid_argument);
  }
}

TEST_CASE("A zip archive may have 64-bit sizes, and its entries must not overlap", "[archive]") {
  std::string thrice = made_zip({{"a", std::string(1000, 'x')}, {"b", ""}, {"c", ""}});
  REQUIRE_NOTHROW(zip_members(thrice));
  const size_t first = thrice.find("PK\1\2"), entry_size = 47;
  for (const size_t other : {first + entry_size, first + 2 * entry_size}) {
    thrice.replace(other + 20, 8, thrice.substr(first + 20, 8)).replace(other + 42, 4, std::string(4, '\0'));
  }
  CHECK_THROWS_WITH(zip_members(thrice), ContainsSubstring("overlap"));
  // One within the other, though all together are shorter than the archive.
  const size_t before_content = 30 + 1 + 4;
  const std::string inner = made_zip({{"b", "two"}}).substr(0, before_content + 3);
  std::string within = made_zip({{"a", inner}, {"b", "two"}, {"c", std::string(100, 'x')}});
  REQUIRE(zip_members(within)[1].packed == "two");
  within.replace(within.find("PK\1\2") + entry_size + 42, 4, smlt::to_little_endian(before_content, 4));
  CHECK_THROWS_WITH(zip_members(within), ContainsSubstring("overlap"));
  // 64-bit fields for both sizes and the place, in the order of the format.
  std::string one = made_zip({{"a", "one"}});
  const size_t entry = one.find("PK\1\2");
  std::string extra = "\1\0\x18\0"s;
  for (const uint64_t value : {3u, 3u, 0u}) extra += smlt::to_little_endian(value, 8);
  one.replace(entry + 20, 8, std::string(8, '\xff')).replace(entry + 42, 4, std::string(4, '\xff'));
  one[entry + 30] = static_cast<char>(extra.size());
  one.insert(entry + 47, extra);
  std::string end64 = "PK\6\6"s + std::string(28, '\0');
  end64 += smlt::to_little_endian(1, 8);
  end64 += smlt::to_little_endian(one.find("PK\5\6") - entry, 8);
  end64 += smlt::to_little_endian(entry, 8);
  end64 += "PK\6\7" + std::string(4, '\0');
  end64 += smlt::to_little_endian(one.find("PK\5\6"), 8);
  end64 += std::string(4, '\0');
  one.insert(one.find("PK\5\6"), end64);
  const std::vector<ZipMember> entries = zip_members(one);
  REQUIRE(entries.size() == 1);
  CHECK(entries[0].packed == "one");
}
