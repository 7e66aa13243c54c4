#include "codec/image_folder.hpp"

#include <algorithm>
#include <array>
#include <fstream>

#include "base/text.hpp"
#include "codec/image.hpp"

namespace smlt::codec {
namespace fs = std::filesystem;
namespace {

constexpr int kDeepest = 16;      // a link to a folder above would lead down without end
constexpr size_t kLookedAt = 20;  // files of a folder that decide whether it is a class
constexpr std::string_view kEndings[] = {".jpg", ".jpeg", ".png",  ".ppm",  ".bmp",
                                         ".pgm", ".tif",  ".tiff", ".webp", ".gif"};

bool is_hidden(const fs::path& path) {
  const std::string name = path.filename().native();
  return name.starts_with('.') || name == "__MACOSX";
}

// `Is` is a member function of directory_entry. What cannot be read is neither a file nor a folder.
template <typename Is>
std::vector<fs::path> entries(const fs::path& folder, Is is) {
  std::vector<fs::path> found;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    std::error_code broken;
    if (!is_hidden(it->path()) && ((*it).*is)(broken)) found.push_back(it->path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

using Asks = bool (fs::directory_entry::*)(std::error_code&) const noexcept;
std::vector<fs::path> files_in(const fs::path& folder) {
  return entries(folder, static_cast<Asks>(&fs::directory_entry::is_regular_file));
}
std::vector<fs::path> folders_in(const fs::path& folder) {
  return entries(folder, static_cast<Asks>(&fs::directory_entry::is_directory));
}

bool starts_as_image(const fs::path& path) {
  std::array<char, 8> start{};
  std::ifstream(path, std::ios::binary).read(start.data(), start.size());
  return is_image({reinterpret_cast<const uint8_t*>(start.data()), start.size()});
}

bool is_named_image(const fs::path& path) {
  const std::string ending = folded(path.extension().native());
  return std::find(std::begin(kEndings), std::end(kEndings), ending) != std::end(kEndings);
}

void add_images(const fs::path& folder, int64_t target, int depth, std::vector<ImageFiles::File>& out) {
  for (const fs::path& file : files_in(folder)) {
    if (is_named_image(file) || starts_as_image(file)) out.push_back({file, target});
  }
  if (depth == kDeepest) return;
  for (const fs::path& inner : folders_in(folder)) add_images(inner, target, depth + 1, out);
}

bool holds_image(const fs::path& folder, int depth) {
  std::vector<fs::path> files = files_in(folder);
  files.resize(std::min(files.size(), kLookedAt));
  if (std::any_of(files.begin(), files.end(), starts_as_image)) return true;
  if (depth == kDeepest) return false;
  const std::vector<fs::path> folders = folders_in(folder);
  return std::any_of(folders.begin(), folders.end(),
                     [&](const fs::path& inner) { return holds_image(inner, depth + 1); });
}

}  // namespace

ImageFiles find_class_folders(const fs::path& folder) {
  ImageFiles found;
  for (const fs::path& entry : folders_in(folder)) {
    const size_t before = found.files.size();
    add_images(entry, static_cast<int64_t>(found.classes.size()), 1, found.files);
    if (found.files.size() > before) found.classes.push_back(entry.filename().native());
  }
  return found;
}

bool has_class_folders(const fs::path& folder) {
  const std::vector<fs::path> folders = folders_in(folder);
  return std::any_of(folders.begin(), folders.end(), [](const fs::path& entry) { return holds_image(entry, 1); });
}

std::optional<fs::path> find_cub_tree(const fs::path& channel) {
  std::vector<fs::path> places = folders_in(channel);
  places.insert(places.begin(), channel);
  for (const fs::path& place : places) {
    std::error_code error;
    if (fs::is_regular_file(place / "images.txt", error) && fs::is_regular_file(place / "classes.txt", error) &&
        fs::is_regular_file(place / "image_class_labels.txt", error) && fs::is_directory(place / "images", error)) {
      return place;
    }
  }
  return std::nullopt;
}

}  // namespace smlt::codec
