#include "base/mapped_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/text.hpp"

namespace smlt {
namespace {

[[noreturn]] void fail(const std::filesystem::path& path) {
  throw_cannot("read", path, std::error_code(errno, std::generic_category()));
}

struct Opened {
  int fd;
  ~Opened() { ::close(fd); }
};

}  // namespace

MappedFile::MappedFile(const std::filesystem::path& path) {
  check_path(path);
  const Opened file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  struct stat found {};
  if (file.fd < 0 || ::fstat(file.fd, &found) != 0) fail(path);
  if (!S_ISREG(found.st_mode)) {
    throw UserError("Expected a regular file at {}, found something else.", in_quotes(path.native(), 200));
  }
  size_ = static_cast<size_t>(found.st_size);
  if (size_ == 0) return;
  void* data = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, file.fd, 0);
  if (data == MAP_FAILED) fail(path);
  data_ = static_cast<const char*>(data);
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) ::munmap(const_cast<char*>(data_), size_);
}

}  // namespace smlt
