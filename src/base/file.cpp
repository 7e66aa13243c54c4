#include "base/file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/error.hpp"
#include "base/text.hpp"

namespace smlt {
namespace fs = std::filesystem;
namespace {

constexpr mode_t kReadableByAll = 0644;

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

[[noreturn]] void fail(std::string_view verb, const fs::path& path, int error) {
  throw_cannot(verb, path, {error, std::generic_category()});
}

// Open for reading.
class RegularFile {
 public:
  explicit RegularFile(const fs::path& path) : path_(path), file_(opened(path)) {
    struct stat status {};
    if (::fstat(file_.get(), &status) != 0) fail("read", path, errno);
    if (!S_ISREG(status.st_mode))
      throw UserError("Expected a file, found something else at {}.", in_quotes(path.native(), 200));
    size_ = static_cast<size_t>(status.st_size);
  }

  size_t size() const { return size_; }
  std::string read(size_t size) const;

 private:
  // O_NONBLOCK: a FIFO must be refused, not waited for.
  static int opened(const fs::path& path) {
    check_path(path);
    const int fd = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) fail("read", path, errno);
    return fd;
  }

  const fs::path& path_;
  Descriptor file_;
  size_t size_ = 0;
};

// Its first bytes; fewer if the file has become shorter meanwhile.
std::string RegularFile::read(size_t size) const {
  std::string content(size, '\0');
  size_t done = 0;
  while (done < size) {
    const ssize_t got = ::read(file_.get(), content.data() + done, size - done);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail("read", path_, errno);
    if (got == 0) break;
    done += static_cast<size_t>(got);
  }
  content.resize(done);
  return content;
}

constexpr std::string_view kUnique = "XXXXXX";

std::string temporary_stem(const fs::path& path) { return "." + path.filename().string() + "."; }

// A separate name for each writer: two jobs may share a directory.
fs::path temporary_beside(const fs::path& path) {
  std::string name = (path.parent_path() / (temporary_stem(path).append(kUnique))).native();
  const Descriptor created(::mkostemp(name.data(), O_CLOEXEC));
  if (created.get() < 0) fail("write", path, errno);
  return name;
}

void write_all(int fd, std::string_view content, const fs::path& path) {
  while (!content.empty()) {
    const ssize_t written = ::write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail("write", path, errno);
    content.remove_prefix(static_cast<size_t>(written));
  }
}

// EINVAL: the file system has no fsync, and there is nothing better.
void sync(const Descriptor& file, const fs::path& path) {
  if (::fsync(file.get()) != 0 && errno != EINVAL) fail("write", path, errno);
}

void write_and_sync(const fs::path& temporary, std::string_view content, const fs::path& path) {
  const Descriptor file(::open(temporary.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC));
  if (file.get() < 0) fail("write", path, errno);
  write_all(file.get(), content, path);
  if (::fchmod(file.get(), kReadableByAll) != 0) fail("write", path, errno);  // whatever the umask
  sync(file, path);
}

// The new name itself must reach the disk too.
void sync_folder(const fs::path& folder) {
  const Descriptor file(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (file.get() < 0) fail("write", folder, errno);
  sync(file, folder);
}

}  // namespace

void check_path(const fs::path& path) {
  if (path.native().find('\0') == std::string::npos) return;
  throw UserError("Expected a path without a NUL byte, found one in {}; leave it out.", in_quotes(path.native(), 200));
}

void throw_cannot(std::string_view verb, const fs::path& path, const std::error_code& cause) {
  throw PlatformError("Cannot {} {}: {}.", verb, in_quotes(path.native(), 200), cause.message());
}

std::string read_file(const fs::path& path, size_t limit) {
  const RegularFile file(path);
  if (file.size() > limit) {
    throw UserError("{} has {} bytes, more than the {} that are read.", in_quotes(path.native(), 200), file.size(),
                    limit);
  }
  return file.read(file.size());
}

std::string read_start(const fs::path& path, size_t size) {
  const RegularFile file(path);
  return file.read(std::min(size, file.size()));
}

void write_file(const fs::path& path, std::string_view content) {
  check_path(path);
  const fs::path temporary = temporary_beside(path);
  try {
    write_and_sync(temporary, content, path);
    if (::rename(temporary.c_str(), path.c_str()) != 0) fail("write", path, errno);
    sync_folder(path.parent_path().empty() ? "." : path.parent_path());
  } catch (...) {
    std::error_code ignored;  // only the first cause is reported
    fs::remove(temporary, ignored);
    throw;
  }
}

void remove_leftovers(const fs::path& path) {
  const std::string stem = temporary_stem(path);
  std::error_code error;
  const fs::path folder = path.parent_path().empty() ? "." : path.parent_path();
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().native();
    std::error_code ignored;
    if (name.starts_with(stem) && name.size() == stem.size() + kUnique.size()) fs::remove(it->path(), ignored);
  }
}

}  // namespace smlt
