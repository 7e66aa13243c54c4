#include "datasets/cifar_folder.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <span>

#include "base/error.hpp"
#include "base/folder.hpp"
#include "base/text.hpp"
#include "codec/archive/tar.hpp"
#include "codec/pickle/pickle.hpp"
#include "datasets/cifar_layout.hpp"
#include "datasets/folder.hpp"

namespace smlt::datasets {
namespace fs = std::filesystem;
namespace {

constexpr uint64_t kPeek = uint64_t{1} << 20;  // of an archive: must be enough to tell its kind

bool is_named_cifar(const fs::path& path) { return folded(path.filename().string()).starts_with("cifar-10"); }

// The first key may be any: a dictionary that Python has rewritten has its own order, and pixels may come before
// labels.
bool tells_of_cifar_100(std::span<const uint8_t> start) {
  const std::string_view text(reinterpret_cast<const char*>(start.data()), start.size());
  const auto mentions = [&](std::string_view word) { return text.find(word) != text.npos; };
  return codec::looks_like_pickle(start) && (mentions("fine_label") || mentions("coarse_label") ||
                                             mentions("filenames") || (mentions("data") && mentions("numpy")));
}

// The names of CIFAR-100's files say nothing, so their content must, or the folder's name.
bool is_convincing(const CifarLayout& layout, const fs::path& file) {
  if (layout.classes == 10 || is_named_cifar(file.parent_path())) return true;
  try {
    codec::ByteSource source(file);
    constexpr uint64_t kRow = 2 + CifarRows::kPixels;
    if (layout.form == CifarForm::kBinary) {
      return !source.is_gzip() && source.most_bytes() > 0 && source.most_bytes() % kRow == 0;
    }
    std::array<uint8_t, 4096> start;
    return tells_of_cifar_100(std::span(start).first(source.read(start)));
  } catch (const UserError&) {  // a damaged gzip
    return false;
  }
}

bool holds(const fs::path& folder, const CifarLayout& layout) {
  // Few look-ups: a channel may have thousands of folders, on a file system that needs a request for each.
  const int last = is_named_cifar(folder) ? layout.last_number() : 1;
  for (int number = CifarLayout::kTest; number <= last; ++number) {
    const fs::path file = folder / layout.file_name(number);
    if (is_file(file) && is_convincing(layout, file)) return true;
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

const CifarLayout* layout_of_archive(const fs::path& path) {
  try {
    codec::TarReader archive(path, kPeek);
    while (const auto member = archive.next()) {
      if (const CifarLayout* layout = layout_of_member(member->name)) return layout;
    }
  } catch (const UserError&) {  // not read to the end, or damaged: decided by its name
  }
  if (!is_named_cifar(path)) return nullptr;
  const std::string name = path.filename().string();
  const int classes = name.find("100") == name.npos ? 10 : 100;
  const CifarForm form = name.find("binary") == name.npos ? CifarForm::kPickle : CifarForm::kBinary;
  return &cifar_layout(form, classes);
}

}  // namespace

std::vector<CifarPlace> find_cifar(const fs::path& channel) {
  std::vector<CifarPlace> places;
  const std::vector<fs::path> inside = visible_entries(channel);
  std::vector<fs::path> folders = {channel};
  std::copy_if(inside.begin(), inside.end(), std::back_inserter(folders), is_folder);
  for (const fs::path& folder : folders) {
    for (const CifarLayout& layout : kCifarLayouts) {
      if (holds(folder, layout)) places.push_back({folder, false, layout.form, layout.classes});
    }
  }
  for (const fs::path& path : inside) {
    const CifarLayout* layout = codec::is_tar_file(path) ? layout_of_archive(path) : nullptr;
    if (layout != nullptr) places.push_back({path, true, layout->form, layout->classes});
  }
  return places;
}

}  // namespace smlt::datasets
