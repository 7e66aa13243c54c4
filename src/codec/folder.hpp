#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace smlt::codec {

/// What lies in a folder, sorted by name, without dot files. A folder that cannot be listed holds nothing.
std::vector<std::filesystem::path> visible_entries(const std::filesystem::path& folder);

/// "a.csv.gz" -> "a.csv".
std::string without_gz(const std::string& name);

}  // namespace smlt::codec
