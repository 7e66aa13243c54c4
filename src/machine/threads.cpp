#include "machine/threads.hpp"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <limits>
#include <string_view>
#include <vector>

#include "base/text.hpp"
#include "machine/quota.hpp"
#include "values/number.hpp"

namespace smlt::machine {
namespace {

// Beyond this the OpenMP runtime ends the process without warning.
constexpr int64_t kMostThreads = 1024;

int affinity_processors() {
  constexpr size_t kMostBlocks = 64;  // of 1,024 processors each; the kernel refuses a set smaller than its own
  for (size_t blocks = 1; blocks <= kMostBlocks; blocks *= 2) {
    std::vector<cpu_set_t> set(blocks);
    const size_t bytes = blocks * sizeof(cpu_set_t);
    if (::sched_getaffinity(0, bytes, set.data()) == 0) return CPU_COUNT_S(bytes, set.data());
  }
  return static_cast<int>(::sysconf(_SC_NPROCESSORS_ONLN));
}

}  // namespace

int available_processors(const std::filesystem::path& root) {
  const int quota = quota_processors(root).value_or(std::numeric_limits<int>::max());
  return std::max(1, std::min(affinity_processors(), quota));
}

int compute_threads(const Environment& environment, const std::filesystem::path& root) {
  const auto found = environment.find("OMP_NUM_THREADS");
  if (found != environment.end()) {
    // OpenMP allows a list, one number per nesting level.
    const auto threads = values::read_integer(trimmed(found->second.substr(0, found->second.find(','))));
    if (threads && *threads >= 1 && *threads <= kMostThreads) return static_cast<int>(*threads);
  }
  return available_processors(root);
}

}  // namespace smlt::machine
