// A library for LD_PRELOAD: reading a file whose path contains FAIL_READ fails from the byte FAIL_AT on (0 if it is not
// set), as a disk or a mounted file system does that has lost what it held. FAIL_ERROR is the error number (EIO if it
// is not set); with EACCES the file cannot even be opened.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/types.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace {

bool is_lost(std::string_view path) {
  const char* name = std::getenv("FAIL_READ");
  return name != nullptr && *name != '\0' && path.find(name) != std::string_view::npos;
}

bool is_lost(int fd) {
  std::array<char, 64> link{};
  std::array<char, 4096> path{};
  std::snprintf(link.data(), link.size(), "/proc/self/fd/%d", fd);
  const ssize_t length = readlink(link.data(), path.data(), path.size());
  return length > 0 && is_lost(std::string_view(path.data(), static_cast<size_t>(length)));
}

bool is_past_the_start(int fd, size_t size) {
  const char* text = std::getenv("FAIL_AT");
  const off_t at = lseek(fd, 0, SEEK_CUR), end = text == nullptr ? 0 : std::atol(text);
  return at + static_cast<off_t>(size) > end;
}

int error_number() {
  const char* text = std::getenv("FAIL_ERROR");
  return text == nullptr ? EIO : std::atoi(text);
}

}  // namespace

extern "C" int open(const char* path, int flags, ...) {
  static const auto real = reinterpret_cast<int (*)(const char*, int, ...)>(dlsym(RTLD_NEXT, "open"));
  va_list rest;
  va_start(rest, flags);
  const auto mode = static_cast<mode_t>((flags & O_CREAT) != 0 ? va_arg(rest, int) : 0);
  va_end(rest);
  if (is_lost(std::string_view(path)) && error_number() == EACCES) {
    errno = EACCES;
    return -1;
  }
  return real(path, flags, mode);
}

extern "C" ssize_t read(int fd, void* into, size_t size) {
  static const auto real = reinterpret_cast<ssize_t (*)(int, void*, size_t)>(dlsym(RTLD_NEXT, "read"));
  if (!is_lost(fd) || !is_past_the_start(fd, size)) return real(fd, into, size);
  errno = error_number();
  return -1;
}
