#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace smlt::codec {

/// A file in a zip archive, as the archive's directory describes it.
struct ZipMember {
  std::string_view name;
  std::string_view packed;  // a view of the archive
  uint64_t size = 0;        // unpacked
  uint32_t check_sum = 0;   // CRC-32
  bool is_deflated = false;
};

/// The files of a zip archive, from its central directory. Throws UserError naming `name` when it is no zip archive, is
/// damaged, encrypted, in several parts, or of more than 64 files, when one is packed in another way than by deflate,
/// or when they unpack to more than `most_bytes` in all.
std::vector<ZipMember> zip_members(std::string_view archive, uint64_t most_bytes, std::string_view name);

/// The content of a file. Throws UserError naming `name` when it is damaged.
std::string unzipped(const ZipMember& member, std::string_view name);

}  // namespace smlt::codec
