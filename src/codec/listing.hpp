#pragma once

#include <filesystem>
#include <vector>

namespace smlt::codec {

/// What lies in a folder, each sorted by name. Links count as what they lead to. Hidden entries, and the folder
/// __MACOSX that archives of a Mac bring along, are left out.
struct Listing {
  std::vector<std::filesystem::path> files;
  std::vector<std::filesystem::path> folders;
  std::vector<std::filesystem::path> broken;  // links that lead nowhere
};

/// A folder that is not there holds nothing. Throws PlatformError when it, or what lies in it, cannot be looked at.
Listing listing_of(const std::filesystem::path& folder);

}  // namespace smlt::codec
