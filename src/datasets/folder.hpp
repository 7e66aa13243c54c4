#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace smlt::datasets {

/// The entries of a folder, sorted by path; empty if it is not a folder. Hidden entries (".manifest"), a disk's
/// "lost+found" and the "__MACOSX" of archives made on a Mac are left out. Throws PlatformError if the folder cannot be
/// listed.
std::vector<std::filesystem::path> visible_entries(const std::filesystem::path& folder);

/// The entries of a folder by kind, each sorted by path; links count as their targets.
struct Listing {
  std::vector<std::filesystem::path> files;
  std::vector<std::filesystem::path> folders;
  std::vector<std::filesystem::path> others;  // dangling links, pipes
};

/// As visible_entries; throws PlatformError also for an entry that cannot be looked at.
Listing listing_of(const std::filesystem::path& folder);

/// Visits `folder` and the folders in it at any depth, each before those in it, until a visit returns false. A folder
/// that several links lead to is entered only through the first one, so links cannot form an endless path. Throws as
/// listing_of does.
void walk(const std::filesystem::path& folder, const std::function<bool(const Listing&)>& visit);

/// The files and other entries found on a walk, sorted by path.
std::vector<std::filesystem::path> visible_files(const std::filesystem::path& folder);

/// "a.csv.gz" -> "a.csv".
std::string without_gz(const std::string& name);

}  // namespace smlt::datasets
