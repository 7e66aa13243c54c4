#include "codec/folder.hpp"

#include "base/folder.hpp"

namespace smlt::codec {
namespace fs = std::filesystem;
namespace {

bool is_hidden(const fs::path& path) {
  const std::string name = path.filename().native();
  return name.starts_with('.') || name == "lost+found";
}

}  // namespace

std::vector<fs::path> visible_entries(const fs::path& folder) {
  if (!is_folder(folder)) return {};
  std::vector<fs::path> found = entries(folder);
  std::erase_if(found, is_hidden);
  return found;
}

std::string without_gz(const std::string& name) {
  return name.ends_with(".gz") ? name.substr(0, name.size() - 3) : name;
}

}  // namespace smlt::codec
