#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "codec/archive/byte_source.hpp"

namespace smlt::codec {

/// Whether there is a file whose name ends like a tar archive's: .tar, .tar.gz or .tgz. Throws as smlt::is_file.
bool is_tar_file(const std::filesystem::path& path);

/// A regular file in an archive.
struct TarMember {
  std::string name;  // as in the archive, without a leading "./": compared, never used as a path
  uint64_t size = 0;
};

/// The regular files of a tar archive (POSIX ustar and pax, GNU's long names), plain or gzip, in order and once;
/// nothing is unpacked to disk. Every call throws UserError naming the archive if it is damaged or not a tar, and
/// PlatformError if it cannot be read.
///
/// Own code because Debian's libarchive would bring eleven libraries into the image (libxml2 and ICU among them, 35 MB)
/// to replace two hundred lines.
class TarReader {
 public:
  /// `most_bytes`: the most that the archive may hold in all, headers included. More is an error: a small gzip can
  /// expand to a lot.
  TarReader(const std::filesystem::path& path, uint64_t most_bytes);

  /// The next regular file; nullopt at the end, which means that gzip's checksums were right too. Folders, links and
  /// devices are skipped.
  std::optional<TarMember> next();

  /// The content of the file that next() returned, once.
  std::vector<uint8_t> read();

 private:
  struct Header;

  std::optional<Header> next_header();
  Header header_from(const uint8_t* block);
  void read_pax(const std::string& records);
  std::string read_text(uint64_t size);
  void end_member();
  void finish();
  void count(uint64_t bytes);
  [[noreturn]] void damaged(std::string_view reason) const;

  ByteSource source_;
  uint64_t most_bytes_;
  uint64_t passed_ = 0;              // bytes of headers and members read so far
  uint64_t rest_ = 0;                // of the current member, with its padding
  uint64_t member_size_ = 0;         // what read() may read
  std::optional<std::string> name_;  // for the next member, by an entry before it
  std::optional<uint64_t> size_;
};

}  // namespace smlt::codec
