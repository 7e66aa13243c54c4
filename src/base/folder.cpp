#include "base/folder.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "base/file.hpp"

namespace smlt {
namespace fs = std::filesystem;
namespace {

// Deeper folders of a job's output stay as they are.
constexpr int kDeepest = 64;

fs::file_type type_of(const fs::path& path) {
  check_path(path);
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (status.type() == fs::file_type::none) throw_cannot("read", path, error);
  return status.type();
}

void open_one(const fs::path& path, int depth) {
  std::error_code ignored;  // then it stays as it is
  const fs::file_type type = (depth == 0 ? fs::status(path, ignored) : fs::symlink_status(path, ignored)).type();
  if (type != fs::file_type::regular && type != fs::file_type::directory) return;
  const bool is_folder = type == fs::file_type::directory;
  fs::permissions(path, is_folder ? fs::perms::all : fs::perms(0666), fs::perm_options::add, ignored);
  if (!is_folder || depth == kDeepest) return;
  std::error_code error;
  for (fs::directory_iterator it(path, error), end; !error && it != end; it.increment(error)) {
    open_one(it->path(), depth + 1);
  }
}

}  // namespace

bool is_there(const fs::path& path) { return type_of(path) != fs::file_type::not_found; }

bool is_file(const fs::path& path) { return type_of(path) == fs::file_type::regular; }

bool is_folder(const fs::path& path) { return type_of(path) == fs::file_type::directory; }

std::vector<fs::directory_entry> entries(const fs::path& folder) {
  check_path(folder);
  std::vector<fs::directory_entry> found;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) found.push_back(*it);
  if (error) throw_cannot("list", folder, error);
  std::sort(found.begin(), found.end());
  return found;
}

void create_folder(const fs::path& folder) {
  check_path(folder);
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw_cannot("create the directory", folder, error);
}

void open_to_everybody(const fs::path& top) { open_one(top, 0); }

}  // namespace smlt
