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

/// The bytes of a regular file in order, gunzipped when its content starts with the gzip magic, whatever its name.
/// Concatenated gzip members are one stream, and any number of zeros may follow each of them, as Python's gzip has it:
/// tape blocks and some archivers pad files so. Every call throws PlatformError when the file cannot be read, and
/// UserError "... is cut off or damaged: ..." when gzip content ends early, fails its check sum, or is followed by
/// other bytes. The one reader of gzip: whatever reads a file that may be compressed reads it through this.
class ByteSource {
 public:
  /// Opens the file and looks at its first bytes. Throws UserError when it is not a regular file (a named pipe is never
  /// opened: that would wake its writer).
  explicit ByteSource(std::filesystem::path path);
  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;
  ~ByteSource();

  /// Fills `into` and returns its size; a smaller count only at the end.
  size_t read(std::span<uint8_t> into);

  /// Fills `into`. Throws UserError when the data ends early: "Expected N more bytes of WHAT in 'FILE', found ...".
  void read_exactly(std::span<uint8_t> into, std::string_view what);

  /// The next `size` bytes, as read_exactly. Memory follows the data: on the word of a header no more is taken than the
  /// size of a plain file, or 64 MiB of a gzip.
  std::vector<uint8_t> read_vector(size_t size, std::string_view what);

  /// Reads over `size` bytes, as read_exactly.
  void skip(uint64_t size, std::string_view what);

  /// Whether all has been read. For gzip a true answer means that the check sums were right too.
  bool at_end();

  const std::filesystem::path& path() const { return path_; }
  bool is_gzip() const { return inflate_ != nullptr; }

  /// No more than so many bytes can come in all: the size of a plain file, 1,032 times that of a gzip file, which is
  /// the largest ratio of deflate (258 bytes for two bits). What a header claims is checked against it before
  /// allocating.
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
  std::span<const uint8_t> buffered_;  // what of the buffer has not been used
  std::unique_ptr<z_stream_s, EndInflate> inflate_;
  bool between_members_ = false;  // the last gzip member is complete and nothing of another has been seen
  bool is_first_member_ = true;
  std::optional<uint8_t> ahead_;  // the byte that at_end() had to read
};

}  // namespace smlt::codec
