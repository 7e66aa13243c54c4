#include "codec/zip.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>

#include "base/error.hpp"
#include "base/text.hpp"

// The layout is that of PKWARE's application note 6.3, sections 4.3.7, 4.3.12 and 4.3.16.

namespace smlt::codec {
namespace {

constexpr std::string_view kEnd = "PK\x05\x06", kEntry = "PK\x01\x02", kLocal = "PK\x03\x04";
constexpr size_t kEndSize = 22, kEntrySize = 46, kLocalSize = 30;
constexpr size_t kLongestComment = 0xFFFF;
constexpr size_t kMostMembers = 64;
constexpr uint64_t kLargestRatio = 1032;  // of deflate: 258 bytes for two bits
constexpr uint64_t kStored = 0, kDeflated = 8;

[[noreturn]] void refuse(std::string_view name, std::string_view reason) {
  throw UserError("{} is not a zip archive that can be read: {}.", in_quotes(name, 200), reason);
}

uint64_t number(std::string_view record, size_t at, size_t size) {
  uint64_t value = 0;
  for (size_t i = size; i-- > 0;) value = value << 8 | static_cast<uint8_t>(record[at + i]);
  return value;
}

std::string_view part(std::string_view archive, uint64_t at, uint64_t size, std::string_view name) {
  if (at > archive.size() || size > archive.size() - at) refuse(name, "it is cut off or damaged");
  return archive.substr(at, size);
}

// The record at the end of the archive, behind which there is but a comment of the length that it tells.
std::string_view end_record(std::string_view archive, std::string_view name) {
  const size_t most = std::min(archive.size(), kEndSize + kLongestComment);
  for (size_t size = kEndSize; size <= most; ++size) {
    const std::string_view record = archive.substr(archive.size() - size);
    if (record.starts_with(kEnd) && number(record, 20, 2) == size - kEndSize) return record;
  }
  refuse(name, "it does not end as one does");
}

// Where the content begins: behind the header in front of it, whose name and extra fields have lengths of their own.
std::string_view packed_content(std::string_view archive, uint64_t at, uint64_t size, std::string_view name) {
  const std::string_view local = part(archive, at, kLocalSize, name);
  if (!local.starts_with(kLocal)) refuse(name, "its directory points at no file");
  return part(archive, at + kLocalSize + number(local, 26, 2) + number(local, 28, 2), size, name);
}

ZipMember member_of(std::string_view archive, std::string_view entry, std::string_view name) {
  if ((number(entry, 8, 2) & 1) != 0) refuse(name, "it is encrypted");
  const uint64_t method = number(entry, 10, 2), packed_size = number(entry, 20, 4), size = number(entry, 24, 4);
  if (method != kStored && method != kDeflated) refuse(name, "it is packed in another way than by deflate");
  const uint64_t most = method == kStored ? packed_size : packed_size * kLargestRatio;
  if (size > most || (method == kStored && size != packed_size)) refuse(name, "a size in its directory cannot be true");
  return {entry.substr(kEntrySize, number(entry, 28, 2)),
          packed_content(archive, number(entry, 42, 4), packed_size, name), size,
          static_cast<uint32_t>(number(entry, 16, 4)), method == kDeflated};
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
std::string inflated(std::string_view packed, uint64_t size, std::string_view name) {
  std::string content(size + 1, '\0');  // one byte more: whether there is one
  Inflate inflate;
  z_stream& stream = inflate.stream;
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(content.data());
  stream.avail_out = static_cast<uInt>(content.size());
  if (::inflate(&stream, Z_FINISH) != Z_STREAM_END || stream.avail_out != 1) refuse(name, "it is damaged");
  content.pop_back();
  return content;
}

}  // namespace

std::vector<ZipMember> zip_members(std::string_view archive, uint64_t most_bytes, std::string_view name) {
  const std::string_view end = end_record(archive, name);
  const uint64_t count = number(end, 10, 2), at = number(end, 16, 4);
  if (number(end, 4, 2) != 0 || number(end, 6, 2) != 0 || number(end, 8, 2) != count) refuse(name, "it is in parts");
  if (count > kMostMembers) refuse(name, "it has more than 64 files");
  std::string_view directory = part(archive, at, number(end, 12, 4), name);

  std::vector<ZipMember> members;
  uint64_t bytes = 0;
  for (uint64_t i = 0; i < count; ++i) {
    const std::string_view fixed = part(directory, 0, kEntrySize, name);
    if (!fixed.starts_with(kEntry)) refuse(name, "its directory is damaged");
    const uint64_t size = kEntrySize + number(fixed, 28, 2) + number(fixed, 30, 2) + number(fixed, 32, 2);
    members.push_back(member_of(archive, part(directory, 0, size, name), name));
    directory.remove_prefix(size);
    bytes += members.back().size;
  }
  if (bytes <= most_bytes) return members;
  throw UserError("Expected a zip archive of at most {} bytes unpacked, found {} in {}; send it in parts.", most_bytes,
                  bytes, in_quotes(name, 200));
}

std::string unzipped(const ZipMember& member, std::string_view name) {
  std::string content = member.is_deflated ? inflated(member.packed, member.size, name) : std::string(member.packed);
  const auto sum = crc32_z(0, reinterpret_cast<const Bytef*>(content.data()), content.size());
  if (sum != member.check_sum) refuse(name, "a check sum is wrong");
  return content;
}

}  // namespace smlt::codec
