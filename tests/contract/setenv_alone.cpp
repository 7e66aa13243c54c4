// A library to preload: aborts if the program changes its environment while it has other threads, which might be
// reading it.
#include <dirent.h>
#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>

#include <string_view>

namespace {

int threads() {
  int count = 0;
  DIR* tasks = ::opendir("/proc/self/task");
  while (const dirent* task = ::readdir(tasks)) count += task->d_name[0] != '.' ? 1 : 0;
  ::closedir(tasks);
  return count;
}

bool is_ours(const void* caller) {
  Dl_info found{};
  if (::dladdr(caller, &found) == 0 || found.dli_fname == nullptr) return false;
  const std::string_view file(found.dli_fname);
  return file.ends_with("sagemaker-libtorch") || file.ends_with("libsmlt.so");
}

}  // namespace

extern "C" __attribute__((visibility("default"))) int setenv(const char* name, const char* value,
                                                             int overwrite) noexcept {
  static const auto real = reinterpret_cast<int (*)(const char*, const char*, int)>(::dlsym(RTLD_NEXT, "setenv"));
  if (is_ours(__builtin_return_address(0)) && threads() > 1) {
    constexpr std::string_view kSentence = "setenv while other threads run\n";
    static_cast<void>(::write(STDERR_FILENO, kSentence.data(), kSentence.size()));
    ::abort();
  }
  return real(name, value, overwrite);
}
