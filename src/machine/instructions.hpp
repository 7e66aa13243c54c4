#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace smlt::machine {

/// The architecture as uname says it: "x86_64".
std::string architecture();

/// Which of an instruction set's parts this processor lacks, by the kernel's names, or "" if none. `set` is what
/// PyTorch's compiler calls it: words such as AVX2, AVX512, AVX512_VNNI, AMX_TILE, NEON. A word that is not known is
/// lacking. `info` replaces /proc/cpuinfo in tests.
std::string missing_instructions(std::string_view set, const std::filesystem::path& info = "/proc/cpuinfo");

/// Whether this processor multiplies in bfloat16, which makes that faster than float32: it has AMX or AVX512-BF16.
bool has_bfloat16(const std::filesystem::path& info = "/proc/cpuinfo");

}  // namespace smlt::machine
