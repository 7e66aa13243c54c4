// Any bytes as an IDX file: a plain one or, when they start with its magic, a gzip.
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/error.hpp"
#include "codec/idx.hpp"

namespace {

// A file in memory, by the path under which it can be opened.
class MemoryFile {
 public:
  MemoryFile(const uint8_t* data, size_t size) : fd_(::memfd_create("fuzz", MFD_CLOEXEC)) {
    if (fd_ < 0 || ::write(fd_, data, size) != static_cast<ssize_t>(size)) std::abort();
  }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  ~MemoryFile() { ::close(fd_); }
  std::string path() const { return "/proc/self/fd/" + std::to_string(fd_); }

 private:
  int fd_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const MemoryFile file(data, size);
  const auto header = smlt::codec::peek_idx(file.path());
  try {
    const smlt::codec::ByteArray array = smlt::codec::read_idx(file.path());
    // What can be read was recognised, with the same sizes.
    if (!header || header->shape != array.shape) std::abort();
  } catch (const smlt::UserError&) {
  }
  return 0;
}
