// A library for LD_PRELOAD: a file whose path ends with FAIL_READ fails like one on a broken disk, with the error
// number FAIL_ERROR (EIO if it is not set): opening it if that is EACCES, else reading from it, from the byte FAIL_AT
// on (0 if it is not set).
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/types.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdarg>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

bool is_broken(std::string_view path) {
  const char* name = std::getenv("FAIL_READ");
  return name != nullptr && path.ends_with(name);
}

long number(const char* name, long otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::atol(text);
}

int error_number() { return static_cast<int>(number("FAIL_ERROR", EIO)); }

bool fails(int fd, size_t size) {
  if (std::getenv("FAIL_READ") == nullptr) return false;
  std::array<char, 4096> path{};
  const ssize_t length = ::readlink(("/proc/self/fd/" + std::to_string(fd)).c_str(), path.data(), path.size());
  if (length <= 0 || !is_broken({path.data(), static_cast<size_t>(length)})) return false;
  return ::lseek(fd, 0, SEEK_CUR) + static_cast<off_t>(size) > number("FAIL_AT", 0);
}

}  // namespace

extern "C" int open(const char* path, int flags, ...) {
  static const auto real = reinterpret_cast<int (*)(const char*, int, ...)>(dlsym(RTLD_NEXT, "open"));
  va_list rest;
  va_start(rest, flags);
  const auto mode = static_cast<mode_t>((flags & O_CREAT) != 0 ? va_arg(rest, int) : 0);
  va_end(rest);
  if (is_broken(path) && error_number() == EACCES) {
    errno = EACCES;
    return -1;
  }
  return real(path, flags, mode);
}

extern "C" ssize_t read(int fd, void* into, size_t size) {
  static const auto real = reinterpret_cast<ssize_t (*)(int, void*, size_t)>(dlsym(RTLD_NEXT, "read"));
  if (!fails(fd, size)) return real(fd, into, size);
  errno = error_number();
  return -1;
}
