#pragma once

#include <filesystem>
#include <memory>

#include "network/network.hpp"

namespace smlt::compiled {

/// Loads a package (compiled/package.hpp), an archive or an unpacked folder, onto the device, for this many threads at
/// once. What was unpacked is gone when this returns, on a CPU. Throws UserError if it cannot run here or is no such
/// package, PlatformError if it cannot be unpacked.
std::unique_ptr<network::Network> load(const std::filesystem::path& path, c10::Device device, int threads);

}  // namespace smlt::compiled
