#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

struct z_stream_s;

namespace smlt::codec {

/// The bytes of a regular file in order, gunzipped if its content starts with the gzip magic, whatever its name.
/// Concatenated gzip members are one stream, and any number of zeros may follow each of them, as in Python's gzip: tape
/// blocks and some archivers pad files that way. Every call throws PlatformError if the file cannot be read, and
/// UserError "... is cut off or damaged: ..." if gzip content ends early, fails its checksum, or is followed by other
/// bytes. This is the only gzip reader: any file that may be compressed is read through it.
class ByteSource {
 public:
  /// Opens the file and looks at its first bytes. Throws UserError if it is not a regular file (a named pipe is never
  /// opened: that would wake its writer).
  explicit ByteSource(std::filesystem::path path);
  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;
  ~ByteSource();

  /// Fills `into` and returns its size; it is smaller only at the end.
  size_t read(std::span<uint8_t> into);

  /// Fills `into`. Throws UserError if the data ends early: "Expected N more bytes of WHAT in 'FILE', found ...".
  void read_exactly(std::span<uint8_t> into, std::string_view what);

  /// The next `size` bytes; otherwise as read_exactly. Memory grows with the data: a header's claim alone allocates at
  /// most the size of a plain file, or 64 MiB for gzip.
  std::vector<uint8_t> read_vector(size_t size, std::string_view what);

  /// Skips `size` bytes; otherwise as read_exactly.
  void skip(uint64_t size, std::string_view what);

  /// Whether all has been read. For gzip, true also means that the checksums were right.
  bool at_end();

  const std::filesystem::path& path() const { return path_; }
  bool is_gzip() const { return inflate_ != nullptr; }
  uint64_t file_size() const { return file_size_; }  // in bytes, as it is on disk

  /// The bytes on disk from `offset` on, fewer than `into` at the end; what read() returns next stays the same.
  std::span<uint8_t> peek(uint64_t offset, std::span<uint8_t> into) const;

  /// The most bytes that can come in all: the size of a plain file, or 1,032 times that of a gzip file, which is
  /// deflate's largest ratio (258 bytes for two bits). A header's claim is checked against it before anything is
  /// allocated.
  uint64_t most_bytes() const;

 private:
  class Descriptor {
   public:
    explicit Descriptor(int fd) : fd_(fd) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor();
    int get() const { return fd_; }

   private:
    int fd_;
  };
  struct EndInflate {
    void operator()(z_stream_s* stream) const;
  };

  void fill(size_t wanted);
  void start_inflate();
  size_t read_some(std::span<uint8_t> into);
  size_t read_plain(std::span<uint8_t> into);
  size_t read_inflated(std::span<uint8_t> into);
  size_t inflate_once(std::span<uint8_t> into);
  void skip_padding();
  size_t read_raw(std::span<uint8_t> into);
  [[noreturn]] void damaged(std::string_view reason) const;

  std::filesystem::path path_;
  Descriptor file_;
  uint64_t file_size_ = 0;
  std::unique_ptr<uint8_t[]> buffer_;
  std::span<const uint8_t> buffered_;  // the unused part of the buffer
  std::unique_ptr<z_stream_s, EndInflate> inflate_;
  bool between_members_ = false;  // the last gzip member is complete and no other has begun
  bool is_first_member_ = true;
  std::optional<uint8_t> ahead_;  // the byte that at_end() had to read
};

}  // namespace smlt::codec
