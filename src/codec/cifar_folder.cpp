#include "codec/cifar_folder.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "base/error.hpp"
#include "base/text.hpp"
#include "codec/cifar_layout.hpp"
#include "codec/pickle.hpp"
#include "codec/tar.hpp"

namespace smlt::codec {
namespace fs = std::filesystem;
namespace {

constexpr uint64_t kPeek = uint64_t{1} << 20;  // of an archive: what must have told its kind

bool is_named_cifar(const fs::path& path) { return folded(path.filename().string()).starts_with("cifar-10"); }

// The names of CIFAR-100's files say nothing, so their content must, or the folder's name.
bool is_convincing(const CifarLayout& layout, const fs::path& file) {
  if (layout.classes == 10 || is_named_cifar(file.parent_path())) return true;
  try {
    if (layout.form == CifarForm::kBinary) {
      std::error_code error;
      const uintmax_t size = fs::file_size(file, error);
      return !error && size > 0 && size % 3074 == 0;
    }
    ByteSource source(file);
    std::array<uint8_t, 4096> start;
    const auto bytes = std::span(start).first(source.read(start));
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return looks_like_pickle(bytes) && (text.find("fine_label") != text.npos || text.find("filenames") != text.npos);
  } catch (const std::exception&) {
    return false;
  }
}

bool holds(const fs::path& folder, const CifarLayout& layout) {
  // Few look-ups: a channel may have thousands of folders, in a file system for which each is a request.
  const int last = is_named_cifar(folder) ? layout.last_number() : 1;
  for (int number = CifarLayout::kTest; number <= last; ++number) {
    const fs::path file = folder / layout.file_name(number);
    std::error_code ignored;  // what cannot be looked at is not there
    if (fs::is_regular_file(file, ignored) && is_convincing(layout, file)) return true;
  }
  return false;
}

bool is_archive(const fs::path& path) {
  const std::string name = path.filename().string();
  std::error_code ignored;  // as above
  return !name.starts_with('.') && (name.ends_with(".tar") || name.ends_with(".tar.gz") || name.ends_with(".tgz")) &&
         fs::is_regular_file(path, ignored);
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
    TarReader archive(path, kPeek);
    while (const auto member = archive.next()) {
      if (const CifarLayout* layout = layout_of_member(member->name)) return layout;
    }
  } catch (const Error&) {  // not read to the end, or damaged: by its name then
  }
  if (!is_named_cifar(path)) return nullptr;
  const std::string name = path.filename().string();
  const int classes = name.find("100") == name.npos ? 10 : 100;
  const CifarForm form = name.find("binary") == name.npos ? CifarForm::kPickle : CifarForm::kBinary;
  return &cifar_layout(form, classes);
}

std::vector<fs::path> entries(const fs::path& folder) {
  std::vector<fs::path> found;
  std::error_code error;  // a folder that cannot be listed holds nothing
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    found.push_back(it->path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace

std::vector<CifarPlace> find_cifar(const fs::path& channel) {
  std::vector<CifarPlace> places;
  const std::vector<fs::path> inside = entries(channel);
  std::vector<fs::path> folders = {channel};
  for (const fs::path& path : inside) {
    std::error_code ignored;  // a broken link is no folder
    if (!path.filename().native().starts_with('.') && fs::is_directory(path, ignored)) folders.push_back(path);
  }
  for (const fs::path& folder : folders) {
    for (const CifarLayout& layout : kCifarLayouts) {
      if (holds(folder, layout)) places.push_back({folder, false, layout.form, layout.classes});
    }
  }
  for (const fs::path& path : inside) {
    const CifarLayout* layout = is_archive(path) ? layout_of_archive(path) : nullptr;
    if (layout != nullptr) places.push_back({path, true, layout->form, layout->classes});
  }
  return places;
}

}  // namespace smlt::codec
