#include <algorithm>
#include <map>

#include "base/error.hpp"
#include "base/text.hpp"
#include "codec/archive/tar.hpp"
#include "datasets/cub_tree.hpp"
#include "datasets/folder.hpp"

namespace smlt::datasets {
namespace fs = std::filesystem;
namespace {

constexpr uint64_t kMostUnpacked = uint64_t{64} << 30;
using Bytes = std::shared_ptr<const std::vector<uint8_t>>;

// The name of a member within the tree, which is the archive itself or a folder in it.
fs::path within_tree(const fs::path& member) {
  const fs::path first = member.empty() ? fs::path() : *member.begin();
  return first == "images" || first == member ? member : member.lexically_relative(first);
}

bool is_image_path(const fs::path& path) { return !path.empty() && *path.begin() == "images"; }

bool holds_tree(const fs::path& path, Looks& looks) {
  if (folded(path.filename().string()).starts_with("cub-200-2011")) return true;
  const std::vector<std::string>& members = looks.at(path).members;
  const auto is_of_tree = [](const std::string& name) { return within_tree(name) == "image_class_labels.txt"; };
  return std::any_of(members.begin(), members.end(), is_of_tree);
}

// Everything needed from the archive, in one pass.
struct Contents {
  CubTexts texts;
  std::map<fs::path, Bytes> images;  // by path within the tree
};

Contents read_contents(const fs::path& path, uint64_t most_bytes) {
  Contents contents;
  const std::map<fs::path, std::string*> wanted = {{"classes.txt", &contents.texts.classes},
                                                   {"image_class_labels.txt", &contents.texts.labels},
                                                   {"images.txt", &contents.texts.images}};
  codec::TarReader archive(path, kMostUnpacked);
  uint64_t bytes = 0;
  while (const auto member = archive.next()) {
    const fs::path name = within_tree(member->name);
    const auto text = wanted.find(name);
    if (text == wanted.end() && !is_image_path(name)) continue;
    bytes += member->size;
    if (text != wanted.end() && member->size > kLargestCubText) {
      throw UserError("Expected {} of at most {} MB in {}, found {} bytes.", in_quotes(name.native(), 200),
                      kLargestCubText >> 20, in_quotes(path.native(), 200), member->size);
    }
    if (bytes > most_bytes) {
      throw UserError(
          "Expected an archive whose images take at most {} MB (a part of memory), found more in {}; unpack it.",
          most_bytes / 1'000'000, in_quotes(path.native(), 200));
    }
    std::vector<uint8_t> content = archive.read();
    if (text != wanted.end()) {
      text->second->assign(content.begin(), content.end());
    } else {
      contents.images[name] = std::make_shared<const std::vector<uint8_t>>(std::move(content));
    }
  }
  return contents;
}

}  // namespace

std::optional<fs::path> find_cub_archive(const fs::path& channel, Looks& looks) {
  for (const fs::path& path : visible_entries(channel)) {
    if (codec::is_tar_file(path) && holds_tree(path, looks)) return path;
  }
  return std::nullopt;
}

ImageFiles read_cub_archive(const fs::path& archive, uint64_t most_bytes) {
  const Contents contents = read_contents(archive, most_bytes);
  if (contents.texts.images.empty()) {
    throw UserError("Expected the tree of CUB-200-2011 in {}, found no images.txt in it; fetch the archive again.",
                    in_quotes(archive.native(), 200));
  }
  ImageFiles found = listed_images(contents.texts, archive);
  for (ImageFiles::File& file : found.files) {
    const auto image = contents.images.find(file.path.lexically_relative(archive));
    if (image == contents.images.end()) {
      throw UserError("Expected every image of images.txt in {}, found no {}; fetch the archive again.",
                      in_quotes(archive.native(), 200), in_quotes(file.path.lexically_relative(archive).native(), 200));
    }
    file.bytes = image->second;
  }
  return found;
}

}  // namespace smlt::datasets
