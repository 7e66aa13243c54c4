#include "codec/table/csv_values.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace smlt::codec {
namespace {

constexpr uint64_t kPieces = 16, kPieceSize = uint64_t{16} << 10;  // bytes
constexpr double kMargin = 1.02;
constexpr size_t kAhead = 64;  // values that the reader reserves room for before reading them

}  // namespace

size_t csv_values(const ByteSource& file) {
  const uint64_t size = file.file_size();
  if (file.is_gzip() || size == 0) return 0;
  const uint64_t step = std::max(size / kPieces, kPieceSize);
  uint64_t bytes = 0, ends = 0;
  std::vector<uint8_t> piece(kPieceSize);
  for (uint64_t at = 0; at < size; at += step) {
    const auto got = file.peek(at, piece);
    bytes += got.size();
    ends += static_cast<uint64_t>(
        std::count_if(got.begin(), got.end(), [](uint8_t byte) { return byte == ',' || byte == '\n'; }));
  }
  if (bytes == 0) return 0;
  const double share = static_cast<double>(bytes) / static_cast<double>(size);
  return static_cast<size_t>(kMargin * static_cast<double>(ends + 1) / std::min(share, 1.0)) + kAhead;
}

}  // namespace smlt::codec
