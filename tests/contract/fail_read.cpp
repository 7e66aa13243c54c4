// A library for LD_PRELOAD: reading a file whose path ends with FAIL_READ fails as a broken disk does, with the error
// number FAIL_ERROR: opening it where that is EACCES, else reading from it.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/types.h>
#include <unistd.h>

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
  if (is_broken(path) && error_number() == EACCES) {
    errno = EACCES;
    return -1;
  }
  return real(path, flags, mode);
}

extern "C" ssize_t read(int fd, void* into, size_t size) {
  static const auto real = reinterpret_cast<ssize_t (*)(int, void*, size_t)>(dlsym(RTLD_NEXT, "read"));
  if (std::getenv("FAIL_READ") != nullptr) {
    char path[4096];
    const ssize_t length = ::readlink(("/proc/self/fd/" + std::to_string(fd)).c_str(), path, sizeof path);
    if (length > 0 && is_broken({path, static_cast<size_t>(length)})) {
      errno = error_number();
      return -1;
    }
  }
  return real(fd, into, size);
}
