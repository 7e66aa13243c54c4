#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace smlt::codec {

struct ZipEntry {
  std::string_view name;
  std::span<const uint8_t> bytes;
};

/// The entries of a zip archive (PKWARE's APPNOTE), also one with 64-bit sizes, in the order of its directory. All are
/// stored as they are, as torch.save and numpy.savez write them: a compressed one is an error. Names and contents are
/// views of `bytes`, and all contents together are no longer than those. Throws std::invalid_argument with a reason.
std::vector<ZipEntry> read_zip(std::span<const uint8_t> bytes);

}  // namespace smlt::codec
