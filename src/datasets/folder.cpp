#include "datasets/folder.hpp"

#include <algorithm>
#include <set>

#include "base/file.hpp"
#include "base/folder.hpp"

namespace smlt::datasets {
namespace fs = std::filesystem;
namespace {

bool is_hidden(const fs::path& path) {
  const std::string name = path.filename().native();
  return name.starts_with('.') || name == "lost+found" || name == "__MACOSX";
}

std::vector<fs::directory_entry> visible(const fs::path& folder) {
  if (!is_folder(folder)) return {};
  std::vector<fs::directory_entry> found = entries(folder);
  std::erase_if(found, [](const fs::directory_entry& entry) { return is_hidden(entry.path()); });
  return found;
}

bool leads_nowhere(const std::error_code& error) {
  return error == std::errc::no_such_file_or_directory || error == std::errc::not_a_directory ||
         error == std::errc::too_many_symbolic_link_levels || error == std::errc::filename_too_long;
}

void add(const fs::directory_entry& entry, Listing& found) {
  std::error_code error;
  if (entry.is_regular_file(error)) return found.files.push_back(entry.path());
  if (entry.is_directory(error)) return found.folders.push_back(entry.path());
  if (error && !leads_nowhere(error)) throw_cannot("read", entry.path(), error);
  found.others.push_back(entry.path());
}

// Whether a folder is a link that leads to one of `entered`; adds the folder to them.
bool is_entered(const fs::path& folder, std::set<fs::path>& entered) {
  std::error_code error;
  return fs::is_symlink(folder, error) && !entered.insert(fs::canonical(folder, error)).second;
}

}  // namespace

std::vector<fs::path> visible_entries(const fs::path& folder) {
  const std::vector<fs::directory_entry> found = visible(folder);
  return {found.begin(), found.end()};
}

Listing listing_of(const fs::path& folder) {
  Listing found;
  for (const fs::directory_entry& entry : visible(folder)) add(entry, found);
  return found;
}

void walk(const fs::path& folder, const std::function<bool(const Listing&)>& visit) {
  std::error_code error;
  std::set<fs::path> entered = {fs::canonical(folder, error)};
  std::vector<fs::path> ahead = {folder};  // the next one last
  while (!ahead.empty()) {
    const fs::path next = std::move(ahead.back());
    ahead.pop_back();
    if (next != folder && is_entered(next, entered)) continue;
    const Listing here = listing_of(next);
    if (!visit(here)) return;
    ahead.insert(ahead.end(), here.folders.rbegin(), here.folders.rend());
  }
}

std::vector<fs::path> visible_files(const fs::path& folder) {
  std::vector<fs::path> found;
  walk(folder, [&](const Listing& here) {
    for (const auto* part : {&here.files, &here.others}) found.insert(found.end(), part->begin(), part->end());
    return true;
  });
  std::sort(found.begin(), found.end());
  return found;
}

std::string without_gz(const std::string& name) {
  return name.ends_with(".gz") ? name.substr(0, name.size() - 3) : name;
}

}  // namespace smlt::datasets
