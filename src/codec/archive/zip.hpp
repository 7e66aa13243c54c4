#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace smlt::codec {

/// A file in a zip archive, as the archive's directory describes it.
struct ZipMember {
  std::string_view name;    // a view of the archive, like `packed`
  std::string_view packed;  // its content, unless it is deflated
  uint64_t size = 0;        // unpacked
  uint32_t check_sum = 0;   // CRC-32
  bool is_deflated = false;
};

/// The files of a zip archive (PKWARE's application note 6.3), including one with 64-bit sizes, in the order of its
/// directory. No two packed contents overlap, so together they are no longer than the archive. Throws
/// std::invalid_argument with a reason ("it is cut off") if it is damaged, encrypted, in several parts, or compressed
/// by anything but deflate.
std::vector<ZipMember> zip_members(std::string_view archive);

/// The content of a file. Throws std::invalid_argument if it is damaged.
std::string unzipped(const ZipMember& member);

}  // namespace smlt::codec
