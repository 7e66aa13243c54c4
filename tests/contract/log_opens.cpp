// A library for LD_PRELOAD: adds a line to the file OPENS_LOG for each regular file that open or fopen opens
// for reading; nothing here calls openat.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace {

template <typename Function>
Function* real(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

void log(const char* path) {
  static const char* const file = std::getenv("OPENS_LOG");
  struct stat status {};
  if (file == nullptr || ::stat(path, &status) != 0 || !S_ISREG(status.st_mode)) return;
  static const auto open_file = real<int(const char*, int, ...)>("open");
  static const int fd = open_file(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  const std::string line = std::string(path) + "\n";
  static_cast<void>(!::write(fd, line.data(), line.size()));
}

int opened(const char* function, const char* path, int flags, va_list rest) {
  if ((flags & O_ACCMODE) == O_RDONLY) log(path);
  const auto mode = static_cast<mode_t>((flags & O_CREAT) != 0 ? va_arg(rest, int) : 0);
  return real<int(const char*, int, ...)>(function)(path, flags, mode);
}

FILE* opened(const char* function, const char* path, const char* mode) {
  if (mode[0] == 'r') log(path);
  return real<FILE*(const char*, const char*)>(function)(path, mode);
}

}  // namespace

extern "C" int open(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const int fd = opened("open", path, flags, rest);
  va_end(rest);
  return fd;
}

extern "C" int open64(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const int fd = opened("open64", path, flags, rest);
  va_end(rest);
  return fd;
}

extern "C" FILE* fopen(const char* path, const char* mode) { return opened("fopen", path, mode); }
extern "C" FILE* fopen64(const char* path, const char* mode) { return opened("fopen64", path, mode); }
