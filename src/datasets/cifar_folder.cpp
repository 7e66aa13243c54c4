#include "datasets/cifar_folder.hpp"

#include <algorithm>
#include <iterator>

#include "base/folder.hpp"
#include "base/text.hpp"
#include "codec/archive/tar.hpp"
#include "datasets/cifar_layout.hpp"
#include "datasets/folder.hpp"

namespace smlt::datasets {
namespace fs = std::filesystem;
namespace {

bool is_named_cifar(const fs::path& path) { return folded(path.filename().string()).starts_with("cifar-10"); }

// The names of CIFAR-100's files say nothing, so their content must, or the folder's name.
bool is_convincing(const CifarLayout& layout, const fs::path& file, Looks& looks) {
  if (layout.classes == 10 || is_named_cifar(file.parent_path())) return true;
  const Look& look = looks.at(file);
  if (layout.form == CifarForm::kPickle) return look.is_cifar_100;
  constexpr uint64_t kRow = 2 + CifarRows::kPixels;
  return !look.is_damaged && !look.is_gzip && look.size > 0 && look.size % kRow == 0;
}

bool holds(const fs::path& folder, const CifarLayout& layout, Looks& looks) {
  // Few look-ups: a channel may have thousands of folders, on a file system that needs a request for each.
  const int last = is_named_cifar(folder) ? layout.last_number() : 1;
  for (int number = CifarLayout::kTest; number <= last; ++number) {
    const fs::path file = folder / layout.file_name(number);
    if (is_file(file) && is_convincing(layout, file, looks)) return true;
  }
  return false;
}

const CifarLayout* layout_of_member(const fs::path& member) {
  for (const CifarLayout& layout : kCifarLayouts) {
    const auto number = layout.number_of(member.filename().string());
    if (number && *number != CifarLayout::kNames && (layout.classes == 10 || is_named_cifar(member.parent_path())))
      return &layout;
  }
  return nullptr;
}

// By its first members; by its name if those say nothing.
const CifarLayout* layout_of_archive(const fs::path& path, Looks& looks) {
  for (const std::string& member : looks.at(path).members) {
    if (const CifarLayout* layout = layout_of_member(member)) return layout;
  }
  if (!is_named_cifar(path)) return nullptr;
  const std::string name = path.filename().string();
  const int classes = name.find("100") == name.npos ? 10 : 100;
  const CifarForm form = name.find("binary") == name.npos ? CifarForm::kPickle : CifarForm::kBinary;
  return &cifar_layout(form, classes);
}

}  // namespace

std::vector<CifarPlace> find_cifar(const fs::path& channel, Looks& looks) {
  std::vector<CifarPlace> places;
  const std::vector<fs::path> inside = visible_entries(channel);
  std::vector<fs::path> folders = {channel};
  std::copy_if(inside.begin(), inside.end(), std::back_inserter(folders), is_folder);
  for (const fs::path& folder : folders) {
    for (const CifarLayout& layout : kCifarLayouts) {
      if (holds(folder, layout, looks)) places.push_back({folder, false, layout.form, layout.classes});
    }
  }
  for (const fs::path& path : inside) {
    const CifarLayout* layout = codec::is_tar_file(path) ? layout_of_archive(path, looks) : nullptr;
    if (layout != nullptr) places.push_back({path, true, layout->form, layout->classes});
  }
  return places;
}

}  // namespace smlt::datasets
