#include "codec/zip.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

#include "base/text.hpp"

namespace smlt::codec {
namespace {

using Bytes = std::span<const uint8_t>;

constexpr size_t kEndSize = 22;      // of the record at the end, without its comment
constexpr size_t kLocatorSize = 20;  // of the record before it, where there is one of 64 bits
constexpr size_t kEnd64Size = 56;
constexpr size_t kEntrySize = 46;   // in the directory
constexpr size_t kHeaderSize = 30;  // before the content
constexpr size_t kMostComment = 65535;
constexpr uint32_t kSaysElsewhere = 0xFFFFFFFF;  // a size that stands in the field of 64-bit sizes

uint64_t number(Bytes bytes, size_t at, size_t size) {
  uint64_t value = 0;
  for (size_t i = size; i-- > 0;) value = value << 8 | bytes[at + i];
  return value;
}

Bytes part(Bytes bytes, uint64_t at, uint64_t size) {
  if (at > bytes.size() || size > bytes.size() - at) throw std::invalid_argument("its zip archive is cut off");
  return bytes.subspan(at, size);
}

Bytes record(Bytes bytes, uint64_t at, uint64_t size, uint32_t signature) {
  const Bytes found = part(bytes, at, size);
  if (number(found, 0, 4) != signature) throw std::invalid_argument("its zip archive is damaged");
  return found;
}

struct Directory {
  uint64_t at = 0;
  uint64_t entries = 0;
};

Directory find_directory(Bytes bytes) {
  if (bytes.size() < kEndSize) throw std::invalid_argument("its zip archive is cut off");
  const size_t last = bytes.size() - kEndSize;
  size_t at = last;
  while (number(bytes, at, 4) != 0x06054B50) {
    if (at == 0 || last - at == kMostComment) throw std::invalid_argument("its zip archive is cut off");
    --at;
  }
  const bool is_64 = at >= kLocatorSize && number(bytes, at - kLocatorSize, 4) == 0x07064B50;
  if (!is_64) return {number(bytes, at + 16, 4), number(bytes, at + 10, 2)};
  const Bytes end = record(bytes, number(bytes, at - kLocatorSize + 8, 8), kEnd64Size, 0x06064B50);
  return {number(end, 48, 8), number(end, 32, 8)};
}

// The numbers of 64 bits for those that have no room where they belong, in this order.
void read_extra(Bytes extra, std::initializer_list<uint64_t*> numbers) {
  while (extra.size() >= 4) {
    const uint64_t id = number(extra, 0, 2);
    Bytes field = part(extra, 4, number(extra, 2, 2));
    extra = extra.subspan(4 + field.size());
    if (id != 1) continue;
    for (uint64_t* wanted : numbers) {
      if (*wanted != kSaysElsewhere) continue;
      *wanted = number(part(field, 0, 8), 0, 8);
      field = field.subspan(8);
    }
  }
}

// One entry of the directory, which begins at `at` and ends where `at` is afterwards.
ZipEntry read_entry(Bytes bytes, uint64_t& at) {
  const Bytes entry = record(bytes, at, kEntrySize, 0x02014B50);
  const uint64_t name_size = number(entry, 28, 2), extra_size = number(entry, 30, 2), comment = number(entry, 32, 2);
  const Bytes name = part(bytes, at + kEntrySize, name_size);
  const std::string_view text(reinterpret_cast<const char*>(name.data()), name.size());
  uint64_t packed = number(entry, 20, 4), size = number(entry, 24, 4), header = number(entry, 42, 4);
  read_extra(part(bytes, at + kEntrySize + name_size, extra_size), {&size, &packed, &header});
  at += kEntrySize + name_size + extra_size + comment;
  const bool is_stored = number(entry, 10, 2) == 0 && (number(entry, 8, 2) & 1) == 0 && packed == size;
  if (!is_stored) throw std::invalid_argument("its entry " + in_quotes(text) + " is compressed or encrypted");
  const Bytes local = record(bytes, header, kHeaderSize, 0x04034B50);
  return {text, part(bytes, header + kHeaderSize + number(local, 26, 2) + number(local, 28, 2), size)};
}

}  // namespace

std::vector<ZipEntry> read_zip(Bytes bytes) {
  Directory directory = find_directory(bytes);
  std::vector<ZipEntry> entries;
  uint64_t left = bytes.size();
  for (uint64_t i = 0; i < directory.entries; ++i) {
    entries.push_back(read_entry(bytes, directory.at));
    const uint64_t size = entries.back().bytes.size();
    if (size > left) throw std::invalid_argument("the entries of its zip archive lie over each other");
    left -= size;
  }
  return entries;
}

}  // namespace smlt::codec
