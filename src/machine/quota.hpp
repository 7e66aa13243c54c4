#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

namespace smlt::machine {

/// Whole processors that the CPU quotas of this process's cgroup and all its ancestors allow, 0 if less than one;
/// nullopt without a quota. Cgroup v2 (`cpu.max`), v1 (`cpu.cfs_quota_us`, `cpu.cfs_period_us`) and both at once. A
/// file that cannot be read sets no limit. `root` replaces "/".
std::optional<int> quota_processors(const std::filesystem::path& root);

/// Bytes that this process may use: the least of the machine's memory and of the limits of its cgroup and all its
/// ancestors (version 2 `memory.max`, version 1 `memory.limit_in_bytes`). `root` replaces "/" in tests.
std::optional<int64_t> usable_memory(const std::filesystem::path& root = "/");

/// From now on usable_memory is the share of one process among so many that train on this machine.
void share_memory_among(int processes);

}  // namespace smlt::machine
