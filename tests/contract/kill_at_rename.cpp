// A library for LD_PRELOAD: the process kills itself at the rename of its KILL_AT'th checkpoint, before it
// (KILL_AFTER=0) or right after (KILL_AFTER=1). For the instants that random kills miss.
#include <dlfcn.h>
#include <signal.h>

#include <atomic>
#include <cstdlib>
#include <string_view>

namespace {

int number(const char* name) {
  const char* text = std::getenv(name);
  return text == nullptr ? 0 : std::atoi(text);
}

}  // namespace

extern "C" int rename(const char* from, const char* to) noexcept {
  static std::atomic<int> seen = 0;
  static const auto real = reinterpret_cast<int (*)(const char*, const char*)>(dlsym(RTLD_NEXT, "rename"));
  if (!std::string_view(to).ends_with(".checkpoint") || ++seen != number("KILL_AT")) return real(from, to);
  if (number("KILL_AFTER") == 0) raise(SIGKILL);
  const int result = real(from, to);
  raise(SIGKILL);
  return result;
}
