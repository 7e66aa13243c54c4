#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace smlt::datasets {

/// What lies in a folder, sorted by path; nothing for what is not a folder. Hidden entries (".manifest"), a disk's
/// "lost+found" and the "__MACOSX" of a Mac's archives are left out. Throws PlatformError if the folder cannot be
/// listed.
std::vector<std::filesystem::path> visible_entries(const std::filesystem::path& folder);

/// What lies in a folder by kind, each sorted by path; links count as what they lead to.
struct Listing {
  std::vector<std::filesystem::path> files;
  std::vector<std::filesystem::path> folders;
  std::vector<std::filesystem::path> others;  // links that lead nowhere, pipes
};

/// As visible_entries; throws PlatformError also for an entry that cannot be looked at.
Listing listing_of(const std::filesystem::path& folder);

/// Visits `folder` and the folders in it at any depth, each before those in it, until a visit returns false. A folder
/// that several links lead to is entered through the first alone, so that links cannot lead on without end. Throws as
/// listing_of does.
void walk(const std::filesystem::path& folder, const std::function<bool(const Listing&)>& visit);

/// The files and other entries that a walk meets, sorted by path.
std::vector<std::filesystem::path> visible_files(const std::filesystem::path& folder);

/// "a.csv.gz" -> "a.csv".
std::string without_gz(const std::string& name);

}  // namespace smlt::datasets
