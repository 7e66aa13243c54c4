#pragma once

#include <filesystem>

namespace smlt {

/// From now on SIGSEGV, SIGABRT, SIGBUS, SIGILL and SIGFPE write one sentence to stderr and, if `failure_file` is not
/// empty, into that file, before the signal ends the process: exit code 128 + its number. The folder of the file must
/// exist. Async-signal-safe; works after a stack overflow. Call before any library is opened; the latest call counts.
void report_crashes(const std::filesystem::path& failure_file);

/// Throws PlatformError if the processor lacks the instructions this build uses (x86-64-v2 on x86-64).
void check_processor();

}  // namespace smlt
