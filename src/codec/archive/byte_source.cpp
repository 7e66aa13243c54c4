#include "codec/archive/byte_source.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>
#include <new>
#include <utility>

#include "base/error.hpp"
#include "base/text.hpp"

namespace smlt::codec {
namespace fs = std::filesystem;
namespace {

constexpr size_t kBufferSize = size_t{256} << 10;
constexpr size_t kFirstRead = size_t{4} << 10;    // enough to recognise a file: many files are only peeked at
constexpr size_t kFirstStep = size_t{64} << 20;   // bytes allocated on a header's claim; then memory follows the data
constexpr size_t kLargestStep = size_t{1} << 30;  // zlib and read(2) count in less than 64 bits
constexpr uint8_t kMagic[] = {0x1F, 0x8B};
constexpr std::string_view kFollowed = "bytes that are not gzip follow the compressed data";
constexpr int kGzipOnly = 15 + 16;  // zlib: the largest window, gzip wrapper
constexpr uint64_t kLargestRatio = 1032;

[[noreturn]] void fail(const fs::path& path, int error) {
  throw PlatformError("Cannot read {}: {}.", in_quotes(path.native(), 200), std::strerror(error));
}

void check_regular(const fs::path& path, const struct stat& status) {
  if (S_ISREG(status.st_mode)) return;
  throw UserError("Expected a file, found something else at {}.", in_quotes(path.native(), 200));
}

int open_regular(const fs::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) fail(path, errno);
  check_regular(path, status);
  // Non-blocking, in case a named pipe has taken the file's place meanwhile.
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) fail(path, errno);
  return fd;
}

}  // namespace

ByteSource::Descriptor::~Descriptor() { ::close(fd_); }

void ByteSource::EndInflate::operator()(z_stream_s* stream) const {
  ::inflateEnd(stream);
  delete stream;
}

ByteSource::ByteSource(fs::path path)
    : path_(std::move(path)),
      file_(open_regular(path_)),
      buffer_(std::make_unique_for_overwrite<uint8_t[]>(kBufferSize)) {
  struct stat status {};
  if (::fstat(file_.get(), &status) != 0) fail(path_, errno);
  check_regular(path_, status);
  file_size_ = static_cast<uint64_t>(status.st_size);
  fill(kFirstRead);
  if (buffered_.size() >= 2 && buffered_[0] == kMagic[0] && buffered_[1] == kMagic[1]) start_inflate();
}

ByteSource::~ByteSource() = default;

size_t ByteSource::read(std::span<uint8_t> into) {
  if (into.empty() || !ahead_) return read_some(into);
  into[0] = *std::exchange(ahead_, std::nullopt);
  return 1 + read_some(into.subspan(1));
}

void ByteSource::read_exactly(std::span<uint8_t> into, std::string_view what) {
  const size_t got = read(into);
  if (got == into.size()) return;
  throw UserError(
      "Expected {} more bytes of {} in {}, found the end of the file; it is cut off or damaged, so replace it.",
      into.size() - got, what, in_quotes(path_.native(), 200));
}

std::vector<uint8_t> ByteSource::read_vector(size_t size, std::string_view what) {
  std::vector<uint8_t> data;
  size_t step = std::min<uint64_t>(size, is_gzip() ? kFirstStep : std::max<uint64_t>(file_size_, 1));
  while (data.size() < size) {
    const size_t done = data.size();
    data.resize(done + step);
    read_exactly(std::span(data).subspan(done), what);
    step = std::min(size - data.size(), data.size());
  }
  return data;
}

void ByteSource::skip(uint64_t size, std::string_view what) {
  const auto scratch = std::make_unique_for_overwrite<uint8_t[]>(std::min<uint64_t>(size, kBufferSize));
  for (uint64_t done = 0; done < size;) {
    const size_t step = std::min<uint64_t>(size - done, kBufferSize);
    read_exactly({scratch.get(), step}, what);
    done += step;
  }
}

bool ByteSource::at_end() {
  if (ahead_) return false;
  uint8_t byte = 0;
  if (read_some({&byte, 1}) == 0) return true;
  ahead_ = byte;
  return false;
}

std::span<uint8_t> ByteSource::peek(uint64_t offset, std::span<uint8_t> into) const {
  while (true) {
    const ssize_t got = ::pread(file_.get(), into.data(), into.size(), static_cast<off_t>(offset));
    if (got >= 0) return into.first(static_cast<size_t>(got));
    if (errno != EINTR) fail(path_, errno);
  }
}

uint64_t ByteSource::most_bytes() const {
  if (!is_gzip()) return file_size_;
  constexpr uint64_t kMost = std::numeric_limits<uint64_t>::max();
  return file_size_ > kMost / kLargestRatio ? kMost : file_size_ * kLargestRatio;
}

void ByteSource::start_inflate() {
  auto stream = std::make_unique<z_stream_s>();
  if (::inflateInit2(stream.get(), kGzipOnly) != Z_OK) throw std::bad_alloc();
  inflate_.reset(stream.release());
}

size_t ByteSource::read_some(std::span<uint8_t> into) { return is_gzip() ? read_inflated(into) : read_plain(into); }

size_t ByteSource::read_plain(std::span<uint8_t> into) {
  size_t done = 0;
  while (done < into.size()) {
    const std::span<uint8_t> rest = into.subspan(done);
    if (buffered_.empty() && rest.size() >= kBufferSize) {  // straight into the caller's buffer
      const size_t got = read_raw(rest);
      if (got == 0) break;
      done += got;
      continue;
    }
    if (buffered_.empty()) fill(kBufferSize);
    if (buffered_.empty()) break;
    const size_t count = std::min(rest.size(), buffered_.size());
    std::memcpy(rest.data(), buffered_.data(), count);
    buffered_ = buffered_.subspan(count);
    done += count;
  }
  return done;
}

size_t ByteSource::read_inflated(std::span<uint8_t> into) {
  size_t done = 0;
  while (done < into.size()) {
    if (buffered_.empty()) fill(kBufferSize);
    if (between_members_) skip_padding();
    if (buffered_.empty() && between_members_) break;
    if (between_members_ && buffered_[0] != kMagic[0]) damaged(kFollowed);
    if (buffered_.empty()) damaged("it ends in the middle of the compressed data");
    done += inflate_once(into.subspan(done));
  }
  return done;
}

// Up to the next byte that is not zero, or the end of the file.
void ByteSource::skip_padding() {
  while (!buffered_.empty()) {
    const auto next = std::find_if(buffered_.begin(), buffered_.end(), [](uint8_t byte) { return byte != 0; });
    buffered_ = buffered_.subspan(static_cast<size_t>(next - buffered_.begin()));
    if (!buffered_.empty()) return;
    fill(kBufferSize);
  }
}

size_t ByteSource::inflate_once(std::span<uint8_t> into) {
  z_stream& stream = *inflate_;
  stream.next_in = const_cast<Bytef*>(buffered_.data());  // zlib only reads it
  stream.avail_in = static_cast<uInt>(buffered_.size());
  stream.next_out = into.data();
  stream.avail_out = static_cast<uInt>(std::min(into.size(), kLargestStep));
  between_members_ = false;
  const int result = ::inflate(&stream, Z_NO_FLUSH);
  buffered_ = buffered_.last(stream.avail_in);
  const auto produced = static_cast<size_t>(stream.next_out - into.data());
  if (result == Z_MEM_ERROR) throw std::bad_alloc();
  if (result == Z_STREAM_END) {
    ::inflateReset(&stream);
    between_members_ = true;
    is_first_member_ = false;
  } else if (result != Z_OK && result != Z_BUF_ERROR) {
    if (!is_first_member_ && stream.total_out == 0) damaged(kFollowed);
    damaged(stream.msg != nullptr ? stream.msg : "it is not what gzip writes");
  }
  return produced;
}

void ByteSource::fill(size_t wanted) { buffered_ = {buffer_.get(), read_raw({buffer_.get(), wanted})}; }

size_t ByteSource::read_raw(std::span<uint8_t> into) {
  while (true) {
    const ssize_t got = ::read(file_.get(), into.data(), std::min(into.size(), kLargestStep));
    if (got >= 0) return static_cast<size_t>(got);
    if (errno != EINTR) fail(path_, errno);
  }
}

void ByteSource::damaged(std::string_view reason) const {
  throw UserError("{} is cut off or damaged: {}; replace it.", in_quotes(path_.native(), 200), reason);
}

}  // namespace smlt::codec
