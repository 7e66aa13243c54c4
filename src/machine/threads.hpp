#pragma once

#include <filesystem>

#include "base/environment.hpp"

namespace smlt::machine {

/// Processors this process may use at once: min(affinity mask, floor(CPU quota) over this cgroup and all its
/// ancestors), at least 1. Reads cgroup v2 `cpu.max` and v1 `cpu.cfs_quota_us`/`cpu.cfs_period_us`. `root` replaces "/"
/// in tests.
int available_processors(const std::filesystem::path& root = "/");

/// OMP_NUM_THREADS (the first number of a list) if it is an integer from 1 to 1,024, else `available_processors`.
int compute_threads(const Environment& environment, const std::filesystem::path& root = "/");

}  // namespace smlt::machine
