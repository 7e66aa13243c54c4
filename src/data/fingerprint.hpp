#pragma once

#include <filesystem>
#include <span>
#include <string>

#include "data/split.hpp"

namespace smlt::data {

/// What DataSet::fingerprint is made of: each file's name (without its folder, which another machine may mount
/// elsewhere) and size, then the rows of both splits.
std::string fingerprint(std::span<const std::filesystem::path> files, const DataSet& data);

}  // namespace smlt::data
