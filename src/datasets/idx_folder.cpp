#include "datasets/idx_folder.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "base/error.hpp"
#include "base/folder.hpp"
#include "datasets/folder.hpp"

namespace smlt::datasets {
namespace fs = std::filesystem;
namespace {

constexpr uint8_t kUnsignedByte = 0x08;

// The channel, raw/ and NAME/raw/.
std::vector<fs::path> places(const fs::path& channel) {
  std::vector<fs::path> found = {channel, channel / "raw"};
  for (const fs::path& entry : visible_entries(channel)) found.push_back(entry / "raw");
  return found;
}

// "train-images-idx3-ubyte" -> "train-labels-idx1-ubyte".
std::string labels_name(std::string name) {
  for (const auto& [from, to] : {std::pair{"images", "labels"}, std::pair{"idx3", "idx1"}}) {
    if (const size_t at = name.find(from); at != std::string::npos) name.replace(at, std::string_view(from).size(), to);
  }
  return name;
}

// "train-images-idx3-ubyte", "train-labels.idx1-ubyte.gz".
bool is_named_idx(const fs::path& path) {
  const std::string name = without_gz(path.filename().string());
  return name.ends_with("idx3-ubyte") || name.ends_with("idx1-ubyte");
}

struct File {
  fs::path path;
  std::vector<int64_t> shape;
};
using Files = std::map<std::string, File>;  // by name without .gz

// A plain file and a .gz with the same name count once if their headers agree; otherwise both stay, under separate
// names.
void add_file(File file, Files& files) {
  const std::string name = file.path.filename().string();
  const auto [place, is_new] = files.try_emplace(without_gz(name), file);
  if (is_new) return;
  if (file.shape != place->second.shape) {
    files.emplace(name, std::move(file));
  } else if (!name.ends_with(".gz")) {
    place->second = std::move(file);  // the plain one is faster to read
  }
}

struct FolderFiles {
  Files images;
  Files labels;
};

// Of images or labels; empty for any other file.
std::vector<int64_t> shape_of(const fs::path& path, Looks& looks) {
  if (!is_file(path)) return {};
  const auto& header = looks.at(path).idx;
  return header && header->type == kUnsignedByte ? header->shape : std::vector<int64_t>{};
}

FolderFiles files_of(const fs::path& folder, Looks& looks, IdxFolder& found) {
  FolderFiles files;
  for (const fs::path& path : visible_entries(folder)) {
    std::vector<int64_t> shape = shape_of(path, looks);
    const size_t dimensions = shape.size();
    if (dimensions == 3) {
      add_file({path, std::move(shape)}, files.images);
    } else if (dimensions == 1) {
      add_file({path, std::move(shape)}, files.labels);
    } else if (is_named_idx(path)) {
      found.damaged.push_back(path);
    }
  }
  return files;
}

void add_folder(const fs::path& folder, Looks& looks, IdxFolder& found) {
  auto [images, labels] = files_of(folder, looks, found);
  for (const auto& [name, file] : images) {
    const auto match = labels.find(labels_name(name));
    if (match == labels.end()) {
      found.images_without_labels.push_back(file.path);
    } else {
      found.pairs.push_back({file.path, match->second.path, name});
      labels.erase(match);
    }
  }
  for (const auto& [name, file] : labels) found.labels_without_images.push_back(file.path);
}

const codec::ByteArray& labels_of(IdxPair& pair) {
  if (!pair.read_labels) pair.read_labels = std::make_shared<codec::ByteArray>(codec::read_idx(pair.labels));
  return *pair.read_labels;
}

bool same_labels(IdxPair& a, IdxPair& b) {
  try {
    return labels_of(a).data == labels_of(b).data;
  } catch (const UserError&) {
    return false;  // the job will name the damaged file when it reads it
  }
}

// The same files twice are one set; the first place wins.
void drop_copies(std::vector<IdxPair>& pairs) {
  for (size_t i = 0; i < pairs.size(); ++i) {
    const auto is_copy = [&](IdxPair& other) { return other.name == pairs[i].name && same_labels(pairs[i], other); };
    pairs.erase(std::remove_if(pairs.begin() + static_cast<std::ptrdiff_t>(i) + 1, pairs.end(), is_copy), pairs.end());
  }
}

}  // namespace

IdxFolder find_idx(const fs::path& channel, Looks& looks) {
  IdxFolder found;
  std::set<fs::path> seen;
  for (const fs::path& place : places(channel)) {
    if (seen.insert(place).second) add_folder(place, looks, found);
  }
  drop_copies(found.pairs);
  return found;
}

IdxReading::IdxReading(IdxPair files)
    : pair(std::move(files)),
      images([file = pair.images] { return codec::read_idx(file); }),
      labels([file = pair.labels, read = pair.read_labels] { return read ? *read : codec::read_idx(file); }) {}

}  // namespace smlt::datasets
