#include "codec/folder.hpp"

#include <algorithm>

#include "base/file.hpp"
#include "base/folder.hpp"

namespace smlt::codec {
namespace fs = std::filesystem;
namespace {

constexpr int kDeepest = 64;

bool is_hidden(const fs::path& path) {
  const std::string name = path.filename().native();
  return name.starts_with('.') || name == "lost+found" || name == "__MACOSX";
}

// Whether `path` is a link to a folder that it lies in, perhaps by way of other links: it leads down without end.
bool leads_up(const fs::path& path) {
  std::error_code error;
  if (!fs::is_symlink(path, error)) return false;
  for (fs::path above = path.parent_path(); !above.empty(); above = above.parent_path()) {
    if (fs::equivalent(above, path, error)) return true;
    if (above == above.root_path()) return false;
  }
  return false;
}

bool leads_nowhere(const std::error_code& error) {
  return error == std::errc::no_such_file_or_directory || error == std::errc::not_a_directory ||
         error == std::errc::too_many_symbolic_link_levels || error == std::errc::filename_too_long;
}

void add(const fs::path& path, Listing& found) {
  std::error_code error;
  const fs::file_type type = fs::status(path, error).type();
  if (type == fs::file_type::none && !leads_nowhere(error)) throw_cannot("read", path, error);
  if (type == fs::file_type::regular) {
    found.files.push_back(path);
  } else if (type != fs::file_type::directory) {
    found.others.push_back(path);
  } else if (!leads_up(path)) {
    found.folders.push_back(path);
  }
}

void add_files(const fs::path& folder, int depth, std::vector<fs::path>& found) {
  const Listing here = listing_of(folder);
  for (const auto* part : {&here.files, &here.others}) found.insert(found.end(), part->begin(), part->end());
  if (depth == kDeepest) return;
  for (const fs::path& inner : here.folders) add_files(inner, depth + 1, found);
}

}  // namespace

std::vector<fs::path> visible_entries(const fs::path& folder) {
  if (!is_folder(folder)) return {};
  std::vector<fs::path> found = entries(folder);
  std::erase_if(found, is_hidden);
  return found;
}

Listing listing_of(const fs::path& folder) {
  Listing found;
  for (const fs::path& path : visible_entries(folder)) add(path, found);
  return found;
}

std::vector<fs::path> visible_files(const fs::path& folder) {
  std::vector<fs::path> found;
  add_files(folder, 0, found);
  std::sort(found.begin(), found.end());
  return found;
}

std::string without_gz(const std::string& name) {
  return name.ends_with(".gz") ? name.substr(0, name.size() - 3) : name;
}

}  // namespace smlt::codec
