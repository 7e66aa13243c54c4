#include "models/tabular/files.hpp"

#include <algorithm>
#include <initializer_list>
#include <map>
#include <set>

#include "base/error.hpp"
#include "base/text.hpp"
#include "codec/byte_source.hpp"
#include "codec/csv.hpp"
#include "codec/folder.hpp"

namespace smlt::models::tabular {
namespace fs = std::filesystem;
namespace {

constexpr int64_t kFewestColumns = 2;  // of a table: the label and a feature

// What of CSV a channel's directory holds. A plain file and a .gz of one name are one: the plain one is read.
struct Folder {
  std::map<std::string, SplitFiles> pairs;  // by "train", "validation" and "test"; a half may be missing
  std::vector<fs::path> tables;

  bool empty() const { return pairs.empty() && tables.empty(); }
};

// "X_train.csv" -> "train" in `pairs`. Returns whether the name is one of those.
bool add_to_pair(const fs::path& path, const std::string& name, std::map<std::string, SplitFiles>& pairs) {
  for (const char* part : {"train", "validation", "test"}) {
    if (name == "x-" + std::string(part) + ".csv") return pairs[part].features = path, true;
    if (name == "y-" + std::string(part) + ".csv") return pairs[part].labels = path, true;
  }
  return false;
}

// Damaged from its beginning on, or not ours to read.
bool is_unreadable(const fs::path& path) {
  try {
    std::vector<uint8_t> front(4096);
    codec::ByteSource(path).read(front);
    return false;
  } catch (const Error&) {
    return true;
  }
}

Folder read_folder(const fs::path& channel) {
  Folder folder;
  std::set<std::string> seen;
  std::vector<fs::path> unreadable;
  for (const fs::path& path : codec::visible_entries(channel)) {
    const std::string name = folded(codec::without_gz(path.filename().native()));
    if (!seen.insert(name).second || add_to_pair(path, name, folder.pairs)) continue;
    if (codec::peek_csv(path).value_or(0) >= kFewestColumns) {
      folder.tables.push_back(path);
    } else if (name.ends_with(".csv") && is_unreadable(path)) {
      unreadable.push_back(path);
    }
  }
  if (folder.empty()) folder.tables = unreadable;  // reading them will say what is wrong
  return folder;
}

bool has_csv(const fs::path& channel) { return !read_folder(channel).empty(); }

SplitFiles whole_pair(const SplitFiles& pair, const std::string& part, const config::Channel& channel) {
  if (!pair.features.empty() && !pair.labels.empty()) return pair;
  const bool lacks_labels = pair.labels.empty();
  throw UserError("Expected {0}_{2}.csv beside {1}_{2}.csv in channel {3}, found none; add it.",
                  lacks_labels ? "y" : "X", lacks_labels ? "X" : "y", part, in_quotes(channel.name));
}

// The first of `parts` that is there, else the tables, else nothing.
std::optional<SplitFiles> split_of(const config::Channel& channel, std::initializer_list<const char*> parts,
                                   bool or_tables) {
  const Folder folder = read_folder(channel.path);
  for (const char* part : parts) {
    if (const auto found = folder.pairs.find(part); found != folder.pairs.end()) {
      return whole_pair(found->second, part, channel);
    }
  }
  if (!or_tables || folder.tables.empty()) return std::nullopt;
  return SplitFiles{{}, {}, folder.tables};
}

std::optional<SplitFiles> evaluation_files(std::span<const config::Channel> channels, const config::Channel& training) {
  for (const char* name : {"validation", "test"}) {
    if (const config::Channel* channel = config::first_channel(channels, {name})) {
      if (auto split = split_of(*channel, {name, "validation", "test", "train"}, true)) return split;
      throw UserError("Expected CSV files to evaluate on in channel {}, found none; add them or leave the channel out.",
                      in_quotes(name));
    }
    if (auto split = split_of(training, {name}, false)) return split;
  }
  return std::nullopt;
}

void append(std::vector<fs::path>& all, const std::vector<fs::path>& more) {
  all.insert(all.end(), more.begin(), more.end());
}

}  // namespace

std::vector<std::string> find_files(const fs::path& channel) {
  const Folder folder = read_folder(channel);
  std::vector<std::string> names;
  for (const auto& [part, pair] : folder.pairs) {
    names.push_back((pair.features.empty() ? pair.labels : pair.features).filename().native());
  }
  for (const fs::path& table : folder.tables) names.push_back(table.filename().native());
  return names;
}

Files choose_files(std::span<const config::Channel> channels) {
  const config::Channel* training = config::first_channel(channels, {"training", "train"}, has_csv);
  if (training == nullptr) {
    throw UserError("Expected CSV files in a channel called 'training' or 'train', found none there.");
  }
  const auto train = split_of(*training, {"train"}, read_folder(training->path).pairs.empty());
  if (!train) {
    throw UserError("Expected X_train.csv and y_train.csv in channel {}, found {} alone; add the training files.",
                    in_quotes(training->name), in_quotes(find_files(training->path)[0]));
  }
  return {*train, evaluation_files(channels, *training)};
}

std::vector<fs::path> paths_of(const SplitFiles& split) {
  return split.tables.empty() ? std::vector{split.features, split.labels} : split.tables;
}

std::vector<fs::path> paths_of(const Files& files) {
  std::vector<fs::path> paths = paths_of(files.train);
  if (files.validation) append(paths, paths_of(*files.validation));
  return paths;
}

}  // namespace smlt::models::tabular
