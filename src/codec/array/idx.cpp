#include "codec/array/idx.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "codec/archive/byte_source.hpp"

namespace smlt::codec {
namespace fs = std::filesystem;
namespace {

constexpr uint8_t kUnsignedByte = 0x08;
constexpr std::array<uint8_t, 6> kTypes = {kUnsignedByte, 0x09, 0x0B, 0x0C, 0x0D, 0x0E};
constexpr size_t kMostDimensions = 4;
constexpr size_t kMagicSize = 4;
using Magic = std::array<uint8_t, kMagicSize>;

bool is_idx(const Magic& magic) {
  return magic[0] == 0 && magic[1] == 0 && std::find(kTypes.begin(), kTypes.end(), magic[2]) != kTypes.end() &&
         magic[3] >= 1 && magic[3] <= kMostDimensions;
}

size_t size_of_sizes(const Magic& magic) { return size_t{4} * magic[3]; }

IdxHeader header_of(const Magic& magic, std::span<const uint8_t> sizes) {
  IdxHeader header{magic[2], {}};
  for (size_t i = 0; i < size_of_sizes(magic); i += 4) {
    header.shape.push_back(static_cast<int64_t>(from_big_endian(sizes.subspan(i, 4))));
  }
  return header;
}

IdxHeader read_header(ByteSource& source) {
  Magic magic;
  source.read_exactly(magic, "an IDX header");
  if (!is_idx(magic)) {
    throw UserError(
        "Expected an IDX file of unsigned bytes with 1 to 4 dimensions (it starts with 00 00 08 01 to 04), "
        "found {} starting with {:02X} {:02X} {:02X} {:02X}; use the file as it was downloaded.",
        in_quotes(source.path().native(), 200), magic[0], magic[1], magic[2], magic[3]);
  }
  if (magic[2] != kUnsignedByte) {
    throw UserError(
        "Expected an IDX file of unsigned bytes (type 0x08), found type 0x{:02X} in {}; store it as unsigned "
        "bytes.",
        magic[2], in_quotes(source.path().native(), 200));
  }
  std::array<uint8_t, 4 * kMostDimensions> sizes;
  source.read_exactly(std::span(sizes).first(size_of_sizes(magic)), "an IDX header");
  return header_of(magic, sizes);
}

std::string shape_text(const std::vector<int64_t>& shape) {
  std::string text;
  for (const int64_t size : shape) text += (text.empty() ? "" : " x ") + std::to_string(size);
  return text;
}

// The product of the sizes, checked against what the file can hold.
uint64_t checked_size(const IdxHeader& header, const ByteSource& source) {
  const uint64_t header_size = kMagicSize + 4 * header.shape.size();
  const uint64_t room = source.most_bytes() - std::min(source.most_bytes(), header_size);
  uint64_t size = 1;
  bool fits = true;
  for (const int64_t dimension : header.shape) {
    fits = fits && !__builtin_mul_overflow(size, static_cast<uint64_t>(dimension), &size);
  }
  if (fits && (source.is_gzip() ? size <= room : size == room)) return size;
  throw UserError(
      "Expected {} bytes of data, as the header of {} says, found {} {}; the file is cut off or damaged, so "
      "replace it.",
      shape_text(header.shape), in_quotes(source.path().native(), 200),
      source.is_gzip() ? "a gzip file that can hold at most" : "a file with room for", room);
}

std::string header_bytes(const std::vector<int64_t>& shape) {
  std::string bytes = {0, 0, static_cast<char>(kUnsignedByte), static_cast<char>(shape.size())};
  for (const int64_t size : shape) bytes += to_big_endian(static_cast<uint64_t>(size), 4);
  return bytes;
}

bool is_consistent(const ByteArray& array) {
  uint64_t size = 1;
  for (const int64_t dimension : array.shape) {
    if (dimension < 0 || dimension > std::numeric_limits<uint32_t>::max()) return false;
    if (__builtin_mul_overflow(size, static_cast<uint64_t>(dimension), &size)) return false;
  }
  return !array.shape.empty() && array.shape.size() <= kMostDimensions && size == array.data.size();
}

}  // namespace

std::optional<IdxHeader> idx_header(std::span<const uint8_t> front) {
  if (front.size() < kMagicSize) return std::nullopt;
  Magic magic;
  std::copy_n(front.begin(), kMagicSize, magic.begin());
  const auto sizes = front.subspan(kMagicSize);
  if (!is_idx(magic) || sizes.size() < size_of_sizes(magic)) return std::nullopt;
  return header_of(magic, sizes);
}

ByteArray read_idx(const fs::path& path) {
  ByteSource source(path);
  IdxHeader header = read_header(source);
  const uint64_t size = checked_size(header, source);
  ByteArray array{std::move(header.shape), source.read_vector(size, "IDX data")};
  if (!source.at_end()) {
    throw UserError("Expected {} bytes of data, as the header of {} says, found more; replace the file.",
                    shape_text(array.shape), in_quotes(path.native(), 200));
  }
  return array;
}

void write_idx(const fs::path& path, const ByteArray& array) {
  if (!is_consistent(array)) {
    throw AlgorithmError("Expected an array of 1 to 4 dimensions to write to {}, found {} bytes for the shape {}.",
                         in_quotes(path.native(), 200), array.data.size(), shape_text(array.shape));
  }
  std::string content = header_bytes(array.shape);
  content.append(array.data.begin(), array.data.end());
  write_file(path, content);
}

}  // namespace smlt::codec
