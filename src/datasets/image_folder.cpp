#include "datasets/image_folder.hpp"

#include <algorithm>
#include <map>
#include <span>
#include <string_view>

#include "base/name.hpp"
#include "base/tally.hpp"
#include "base/text.hpp"
#include "datasets/folder.hpp"

namespace smlt::datasets {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kDecoded[] = {".jpg", ".jpeg", ".png"};
constexpr std::string_view kOthers[] = {".arw",  ".avif", ".bmp", ".cr2", ".cr3",  ".dng", ".gif", ".heic",
                                        ".heif", ".jp2",  ".jxl", ".nef", ".pbm",  ".pgm", ".pnm", ".ppm",
                                        ".psd",  ".svg",  ".tga", ".tif", ".tiff", ".webp"};

bool ends_with_one_of(std::span<const std::string_view> endings, const fs::path& path) {
  return std::find(endings.begin(), endings.end(), folded(path.extension().native())) != endings.end();
}

enum class Kind { kNone, kOtherPicture, kImage };

// By the file's first bytes, whatever its name; by its name if the bytes say nothing and the name is that of a picture.
Kind kind_of(const fs::path& file, Looks& looks) {
  const Look& look = looks.at(file);
  if (look.is_image) return Kind::kImage;
  return look.is_other_picture || ends_with_one_of(kOthers, file) ? Kind::kOtherPicture : Kind::kNone;
}

// Of a picture that is not decoded.
std::string ending_of(const fs::path& file) {
  const std::string ending = file.extension().native();
  return ending.empty() ? "without an ending" : printable(ending);
}

// A file that is called as those are that are decoded is not opened here, since there may be very many.
void add_images(const fs::path& folder, int64_t target, Looks& looks, std::vector<ImageFiles::File>& out,
                Tally& undecoded) {
  walk(folder, [&](const Listing& here) {
    for (const fs::path& file : here.files) {
      const Kind kind = ends_with_one_of(kDecoded, file) ? Kind::kImage : kind_of(file, looks);
      if (kind == Kind::kImage) out.push_back({file, target});
      if (kind == Kind::kOtherPicture) undecoded.add(ending_of(file), file.native());
    }
    for (const fs::path& link : here.others) {
      if (ends_with_one_of(kDecoded, link)) out.push_back({link, target});
    }
    return true;
  });
}

// The best kind in the folder; files with image names are checked first.
Kind best_in(const fs::path& folder, Looks& looks) {
  Kind best = Kind::kNone;
  walk(folder, [&](const Listing& here) {
    std::vector<fs::path> files = here.files;
    std::stable_partition(files.begin(), files.end(),
                          [](const fs::path& file) { return ends_with_one_of(kDecoded, file); });
    for (size_t i = 0; i < files.size() && best != Kind::kImage; ++i) best = std::max(best, kind_of(files[i], looks));
    return best != Kind::kImage;
  });
  return best;
}

}  // namespace

ImageFiles find_class_folders(const fs::path& folder, Looks& looks) {
  std::map<std::string, std::vector<fs::path>> folders_of;  // by the class's name
  for (const fs::path& entry : listing_of(folder).folders) {
    folders_of[composed(entry.filename().native())].push_back(entry);
  }
  ImageFiles found;
  for (const auto& [name, folders] : folders_of) {
    const size_t before = found.files.size();
    Tally undecoded;
    for (const fs::path& each : folders) {
      add_images(each, static_cast<int64_t>(found.classes.size()), looks, found.files, undecoded);
    }
    if (found.files.size() > before) {
      found.classes.push_back(utf8_name(name));
    } else if (!undecoded.is_empty()) {
      found.undecodable.push_back({utf8_name(name), undecoded.phrase()});
    }
  }
  return found;
}

bool has_class_folders(const fs::path& folder, Looks& looks) {
  const Listing here = listing_of(folder);
  bool are_all_pictures = here.files.empty() && !here.folders.empty();
  for (const fs::path& entry : here.folders) {
    const Kind best = best_in(entry, looks);
    if (best == Kind::kImage) return true;
    are_all_pictures = are_all_pictures && best == Kind::kOtherPicture;
  }
  return are_all_pictures;
}

std::optional<fs::path> find_cub_tree(const fs::path& channel) {
  std::vector<fs::path> places = listing_of(channel).folders;
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

}  // namespace smlt::datasets
