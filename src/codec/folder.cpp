#include "codec/folder.hpp"

#include <algorithm>

#include "base/folder.hpp"

namespace smlt::codec {
namespace fs = std::filesystem;
namespace {

constexpr int kDeepest = 64;

bool is_hidden(const fs::path& path) {
  const std::string name = path.filename().native();
  return name.starts_with('.') || name == "lost+found";
}

bool is_inside(const fs::path& inner, const fs::path& outer) {
  const auto [rest, ignored] = std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end());
  return rest == outer.end();
}

// A link that leads to a folder around it leads down without end.
bool leads_up(const fs::path& path) {
  std::error_code error;
  if (!fs::is_symlink(path, error)) return false;
  const fs::path target = fs::canonical(path, error);
  return is_inside(fs::canonical(path.parent_path(), error), target);
}

void add_files(const fs::path& folder, int depth, std::vector<fs::path>& found) {
  for (const fs::path& path : visible_entries(folder)) {
    std::error_code broken;  // a link to nothing is not a folder
    if (!fs::is_directory(path, broken)) {
      found.push_back(path);
    } else if (depth < kDeepest && !leads_up(path)) {
      add_files(path, depth + 1, found);
    }
  }
}

}  // namespace

std::vector<fs::path> visible_entries(const fs::path& folder) {
  if (!is_folder(folder)) return {};
  std::vector<fs::path> found = entries(folder);
  std::erase_if(found, is_hidden);
  return found;
}

std::vector<fs::path> visible_files(const fs::path& folder) {
  std::vector<fs::path> found;
  add_files(folder, 0, found);
  return found;
}

std::string without_gz(const std::string& name) {
  return name.ends_with(".gz") ? name.substr(0, name.size() - 3) : name;
}

}  // namespace smlt::codec
