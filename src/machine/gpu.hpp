#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "base/environment.hpp"

namespace smlt::machine {

/// The version of the NVIDIA driver on this host, "580.95.05", or "" if there is none. Read from the kernel's own file,
/// so it is known even if the driver is too old for the CUDA libraries to report anything.
std::string nvidia_driver_version(const std::filesystem::path& file = "/proc/driver/nvidia/version");

/// SM_NUM_GPUS, if it is set. Throws UserError if it is not a number of at least 0.
std::optional<int64_t> num_gpus(const Environment& environment);

/// How many GPUs a job may use: SM_NUM_GPUS, or else the devices that the driver gave this container. Throws as above.
int gpus_of_job(const Environment& environment, const std::filesystem::path& devices = "/dev");

}  // namespace smlt::machine
