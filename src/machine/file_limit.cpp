#include "machine/file_limit.hpp"

#include <sys/resource.h>

namespace smlt::machine {

size_t raise_file_limit() {
  constexpr size_t kUnknown = 1024;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return kUnknown;
  const rlim_t before = limit.rlim_cur;
  limit.rlim_cur = limit.rlim_max;
  return ::setrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : before;
}

}  // namespace smlt::machine
