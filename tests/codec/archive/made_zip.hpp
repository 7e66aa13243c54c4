#pragma once

#include <zlib.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "tests/codec/archive/made_gzip.hpp"

namespace smlt::test {

/// A zip archive of these names and contents; with an extra field in front of each content, as numpy writes it.
inline std::string made_zip(const std::vector<std::pair<std::string, std::string>>& files, bool is_deflated = false) {
  std::string out, directory;
  for (const auto& [name, content] : files) {
    const std::string packed = is_deflated ? made_deflate(content, -MAX_WBITS, Z_BEST_COMPRESSION) : content;
    const auto sum = crc32_z(0, reinterpret_cast<const Bytef*>(content.data()), content.size());
    const std::string sizes = to_little_endian(sum, 4) + to_little_endian(packed.size(), 4) +
                              to_little_endian(content.size(), 4) + to_little_endian(name.size(), 2);
    const std::string front = to_little_endian(20, 2) + to_little_endian(0, 2) +
                              to_little_endian(is_deflated ? 8 : 0, 2) + to_little_endian(0, 4) + sizes;
    directory += "PK\x01\x02" + to_little_endian(20, 2) + front + std::string(2 + 2 + 2 + 2 + 4, '\0') +
                 to_little_endian(out.size(), 4) + name;
    out += "PK\x03\x04" + front + to_little_endian(4, 2) + name + std::string("\x99\x99\0\0", 4) + packed;
  }
  const std::string count = to_little_endian(files.size(), 2);
  return out + directory + "PK\x05\x06" + to_little_endian(0, 4) + count + count +
         to_little_endian(directory.size(), 4) + to_little_endian(out.size(), 4) + to_little_endian(0, 2);
}

}  // namespace smlt::test
