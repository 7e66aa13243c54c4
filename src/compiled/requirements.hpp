#pragma once

#include <c10/core/Device.h>

#include <string>

#include "compiled/package.hpp"

namespace smlt::compiled {

/// Throws UserError if the package was compiled for another kind of processor, for instructions that this one lacks
/// (which would end the process), or for another device than this.
void check_runs_here(const Package& package, c10::Device device);

/// What the package was made for and with, and what is here, for the error of a package that cannot be loaded.
std::string versions(const Package& package);

}  // namespace smlt::compiled
