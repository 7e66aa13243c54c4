#include "codec/folder.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "base/text.hpp"

namespace smlt::codec {
namespace fs = std::filesystem;
namespace {

constexpr int kDeepest = 64;

bool is_inside(const fs::path& inner, const fs::path& outer) {
  const auto [rest, ignored] = std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end());
  return rest == outer.end();
}

// A link that leads to a folder around it leads down without end.
bool leads_up(const fs::directory_entry& entry) {
  std::error_code error;
  if (!entry.is_symlink(error)) return false;
  const fs::path target = fs::canonical(entry.path(), error);
  return is_inside(fs::canonical(entry.path().parent_path(), error), target);
}

void add_files(const fs::path& folder, int depth, std::vector<fs::path>& found) {
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    if (it->path().filename().native().starts_with('.')) continue;
    std::error_code broken;  // a link to nothing is no folder
    if (!it->is_directory(broken)) {
      found.push_back(it->path());
    } else if (depth < kDeepest && !leads_up(*it)) {
      add_files(it->path(), depth + 1, found);
    }
  }
  if (error && error != std::errc::no_such_file_or_directory)
    throw PlatformError("Cannot list {}: {}.", in_quotes(folder.native(), 200), error.message());
}

}  // namespace

std::vector<fs::path> visible_entries(const fs::path& folder) {
  std::vector<fs::path> found;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    if (!it->path().filename().native().starts_with('.')) found.push_back(it->path());
  }
  std::sort(found.begin(), found.end());
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
