// A library for LD_PRELOAD: reading a file whose path contains FAIL_READ fails with EIO from the byte FAIL_AT on (0 if it
// is not set), as a disk or a mounted file system does that has lost what it held.
#include <dlfcn.h>
#include <errno.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace {

bool is_lost(int fd) {
  const char* name = std::getenv("FAIL_READ");
  if (name == nullptr || *name == '\0') return false;
  std::array<char, 64> link{};
  std::array<char, 4096> path{};
  std::snprintf(link.data(), link.size(), "/proc/self/fd/%d", fd);
  const ssize_t length = readlink(link.data(), path.data(), path.size());
  return length > 0 && std::string_view(path.data(), static_cast<size_t>(length)).find(name) != std::string_view::npos;
}

bool is_past_the_start(int fd, size_t size) {
  const char* text = std::getenv("FAIL_AT");
  const off_t at = lseek(fd, 0, SEEK_CUR), end = text == nullptr ? 0 : std::atol(text);
  return at + static_cast<off_t>(size) > end;
}

}  // namespace

extern "C" ssize_t read(int fd, void* into, size_t size) {
  static const auto real = reinterpret_cast<ssize_t (*)(int, void*, size_t)>(dlsym(RTLD_NEXT, "read"));
  if (!is_lost(fd) || !is_past_the_start(fd, size)) return real(fd, into, size);
  errno = EIO;
  return -1;
}
