#include "codec/archive/zip.hpp"

#include <zlib.h>

#include <algorithm>
#include <initializer_list>
#include <new>
#include <stdexcept>
#include <utility>

#include "base/bytes.hpp"
#include "base/text.hpp"
#include "codec/archive/overlap.hpp"

namespace smlt::codec {
namespace {

using std::invalid_argument;

constexpr std::string_view kEnd = "PK\x05\x06", kEnd64 = "PK\x06\x06", kLocator = "PK\x06\x07";
constexpr std::string_view kEntry = "PK\x01\x02", kLocal = "PK\x03\x04";
constexpr size_t kEndSize = 22, kEnd64Size = 56, kLocatorSize = 20, kEntrySize = 46, kLocalSize = 30;
constexpr size_t kLongestComment = 0xFFFF;
constexpr uint64_t kSaysElsewhere = 0xFFFFFFFF;  // marks a number that is in the field of 64-bit numbers
constexpr uint64_t kLargestRatio = 1032;         // of deflate: 258 bytes for two bits
constexpr uint64_t kStored = 0, kDeflated = 8;

uint64_t number(std::string_view record, size_t at, size_t size) { return from_little_endian(record.substr(at, size)); }

std::string_view part(std::string_view archive, uint64_t at, uint64_t size) {
  if (at > archive.size() || size > archive.size() - at) throw invalid_argument("it is cut off or damaged");
  return archive.substr(at, size);
}

std::string_view record(std::string_view archive, uint64_t at, uint64_t size, std::string_view signature) {
  const std::string_view found = part(archive, at, size);
  if (!found.starts_with(signature)) throw invalid_argument("its directory is damaged");
  return found;
}

// The position of the record that ends the archive; after it there is only a comment, whose length it gives.
size_t find_end(std::string_view archive) {
  const size_t most = std::min(archive.size(), kEndSize + kLongestComment);
  for (size_t size = kEndSize; size <= most; ++size) {
    const std::string_view end = archive.substr(archive.size() - size);
    if (end.starts_with(kEnd) && number(end, 20, 2) == size - kEndSize) return archive.size() - size;
  }
  throw invalid_argument("it is cut off or damaged");
}

struct Directory {
  uint64_t at = 0;
  uint64_t entries = 0;
};

Directory find_directory(std::string_view archive) {
  const size_t at = find_end(archive);
  const std::string_view end = archive.substr(at);
  const bool is_64 = at >= kLocatorSize && archive.substr(at - kLocatorSize).starts_with(kLocator);
  if (is_64) {
    const uint64_t where = number(archive, at - kLocatorSize + 8, 8);
    const std::string_view end64 = record(archive, where, kEnd64Size, kEnd64);
    return {number(end64, 48, 8), number(end64, 32, 8)};
  }
  if (number(end, 4, 2) != 0 || number(end, 6, 2) != 0 || number(end, 8, 2) != number(end, 10, 2)) {
    throw invalid_argument("it is in parts");
  }
  return {number(end, 16, 4), number(end, 10, 2)};
}

// The 64-bit numbers that do not fit into their usual fields, in this order.
void read_extra(std::string_view extra, std::initializer_list<uint64_t*> numbers) {
  while (extra.size() >= 4) {
    const uint64_t id = number(extra, 0, 2);
    std::string_view field = part(extra, 4, number(extra, 2, 2));
    extra.remove_prefix(4 + field.size());
    if (id != 1) continue;
    for (uint64_t* wanted : numbers) {
      if (*wanted != kSaysElsewhere) continue;
      *wanted = number(part(field, 0, 8), 0, 8);
      field.remove_prefix(8);
    }
  }
}

void check(const ZipMember& member, uint64_t method, bool is_encrypted) {
  const std::string entry = "its entry " + in_quotes(member.name);
  if (is_encrypted) throw invalid_argument(entry + " is encrypted");
  if (method != kStored && method != kDeflated) {
    throw invalid_argument(entry + " is packed in another way than by deflate");
  }
  const bool is_true =
      member.is_deflated ? member.size / kLargestRatio <= member.packed.size() : member.size == member.packed.size();
  if (!is_true) throw invalid_argument(entry + " has a size that cannot be true");
}

// One entry of the directory, which begins at `at`; `at` then moves to its end. The content follows its own header,
// whose name and extra fields have their own lengths.
ZipMember read_entry(std::string_view archive, uint64_t& at) {
  const std::string_view entry = record(archive, at, kEntrySize, kEntry);
  const uint64_t name_size = number(entry, 28, 2), extra_size = number(entry, 30, 2);
  ZipMember member{.name = part(archive, at + kEntrySize, name_size),
                   .packed = {},
                   .size = number(entry, 24, 4),
                   .check_sum = static_cast<uint32_t>(number(entry, 16, 4)),
                   .is_deflated = number(entry, 10, 2) == kDeflated};
  uint64_t packed = number(entry, 20, 4), header = number(entry, 42, 4);
  read_extra(part(archive, at + kEntrySize + name_size, extra_size), {&member.size, &packed, &header});
  const std::string_view local = record(archive, header, kLocalSize, kLocal);
  member.packed = part(archive, header + kLocalSize + number(local, 26, 2) + number(local, 28, 2), packed);
  check(member, number(entry, 10, 2), (number(entry, 8, 2) & 1) != 0);
  at += kEntrySize + name_size + extra_size + number(entry, 32, 2);
  return member;
}

struct Inflate {
  Inflate() {
    if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) throw std::bad_alloc();
  }
  Inflate(const Inflate&) = delete;
  Inflate& operator=(const Inflate&) = delete;
  ~Inflate() { inflateEnd(&stream); }
  z_stream stream{};
};

// Raw deflate that gives `size` bytes and then ends.
std::string inflated(std::string_view packed, uint64_t size) {
  std::string content(size + 1, '\0');  // one byte more, to see whether there is one
  Inflate inflate;
  z_stream& stream = inflate.stream;
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(content.data());
  stream.avail_out = static_cast<uInt>(content.size());
  const int result = ::inflate(&stream, Z_FINISH);
  if (result == Z_MEM_ERROR) throw std::bad_alloc();
  if (result != Z_STREAM_END || stream.avail_out != 1) throw invalid_argument("it is damaged");
  content.pop_back();
  return content;
}

}  // namespace

std::vector<ZipMember> zip_members(std::string_view archive) {
  Directory directory = find_directory(archive);
  std::vector<ZipMember> members;
  std::vector<std::string_view> contents;
  for (uint64_t i = 0; i < directory.entries; ++i) {
    members.push_back(read_entry(archive, directory.at));
    contents.push_back(members.back().packed);
  }
  if (do_overlap(std::move(contents))) throw invalid_argument("its entries overlap");
  return members;
}

std::string unzipped(const ZipMember& member) {
  std::string content = member.is_deflated ? inflated(member.packed, member.size) : std::string(member.packed);
  const auto sum = crc32_z(0, reinterpret_cast<const Bytef*>(content.data()), content.size());
  if (sum != member.check_sum) throw invalid_argument("a checksum is wrong");
  return content;
}

}  // namespace smlt::codec
