#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace smlt::codec {

/// What lies in a folder, sorted by path; nothing for what is not a folder. Hidden entries (".manifest"), a disk's
/// "lost+found" and the "__MACOSX" of a Mac's archives are left out. Throws PlatformError when the folder cannot be
/// listed.
std::vector<std::filesystem::path> visible_entries(const std::filesystem::path& folder);

/// What lies in a folder by kind, each sorted by path; links count as what they lead to.
struct Listing {
  std::vector<std::filesystem::path> files;
  std::vector<std::filesystem::path> folders;  // without links to a folder around them, which lead down without end
  std::vector<std::filesystem::path> others;   // links that lead nowhere, pipes
};

/// As visible_entries; throws PlatformError also for an entry that cannot be looked at.
Listing listing_of(const std::filesystem::path& folder);

/// Everything below a folder that is not a folder, at any depth, sorted by path, without what lies in dot folders. A
/// linked folder that holds the link is not entered. Throws PlatformError for a folder that cannot be listed.
std::vector<std::filesystem::path> visible_files(const std::filesystem::path& folder);

/// "a.csv.gz" -> "a.csv".
std::string without_gz(const std::string& name);

}  // namespace smlt::codec
