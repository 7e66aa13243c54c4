#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <vector>

#include "codec/array/array.hpp"

namespace smlt::codec {

/// The header of an IDX file, the format of MNIST (http://yann.lecun.com/exdb/mnist): two zero bytes, the type, the
/// number of dimensions, then each size as four bytes, most significant first.
struct IdxHeader {
  uint8_t type = 0;            // 0x08 unsigned byte, 0x09 signed byte, 0x0B short, 0x0C int, 0x0D float, 0x0E double
  std::vector<int64_t> shape;  // 1 to 4 sizes, as the file claims them
};

/// The header at the front of an IDX file, of any type; nullopt for other files.
std::optional<IdxHeader> idx_header(std::span<const uint8_t> front);

/// A whole IDX file of unsigned bytes, plain or gzip. Throws UserError naming the file if it holds something else, or
/// fewer or more bytes than its header says; a plain file is refused by its size alone, and memory grows with the bytes
/// that are really there. Throws PlatformError if it cannot be read.
ByteArray read_idx(const std::filesystem::path& path);

/// Writes `array` (1 to 4 dimensions) as a plain IDX file, atomically. Throws PlatformError if that fails.
void write_idx(const std::filesystem::path& path, const ByteArray& array);

}  // namespace smlt::codec
