#include "models/tabular/card/files.hpp"

#include <initializer_list>

#include "base/error.hpp"
#include "base/text.hpp"
#include "datasets/csv_folder.hpp"

namespace smlt::models::tabular {
namespace fs = std::filesystem;
namespace {

using datasets::CsvFolder;

SplitFiles whole_pair(const CsvFolder::Pair& pair, const std::string& part, const platform::Channel& channel) {
  if (!pair.features.empty() && !pair.labels.empty()) return {pair.features, pair.labels, {}};
  const bool lacks_labels = pair.labels.empty();
  throw UserError("Expected {0}_{2}.csv beside {1}_{2}.csv in channel {3}, found none; add it.",
                  lacks_labels ? "y" : "X", lacks_labels ? "X" : "y", part, in_quotes(channel.name));
}

// Tables in the channel's folder that cannot be read and would be missed.
void refuse_other_forms(const CsvFolder& folder, const platform::Channel& channel) {
  if (folder.doubled) {
    throw UserError("Expected one file for each part in channel {}, found both {} and {}; remove one of them.",
                    in_quotes(channel.name), in_quotes(folder.doubled->first.filename().native()),
                    in_quotes(folder.doubled->second.filename().native()));
  }
  for (const fs::path& path : folder.packed) {
    const std::string name = folded(path.filename().native());
    // Beside a pair, files of other names are skipped.
    if (!folder.pairs.empty() && !name.starts_with("x-") && !name.starts_with("y-")) continue;
    throw UserError("Expected CSV files in channel {}, plain or packed with gzip, found {}; unpack it.",
                    in_quotes(channel.name), in_quotes(path.filename().native()));
  }
  if (!folder.foreign.empty() && !folder.holds_csv()) {
    throw UserError("Expected CSV files in channel {}, found a table in another format, {}; write it as CSV.",
                    in_quotes(channel.name), in_quotes(folder.foreign[0].filename().native()));
  }
}

void refuse_nested(const platform::Channel& channel) {
  const auto nested = datasets::find_nested_csv(channel.path);
  if (!nested) return;
  throw UserError("Expected CSV files in channel {} itself, found {} in a folder there; move them up.",
                  in_quotes(channel.name), in_quotes(nested->lexically_relative(channel.path).native(), 200));
}

// The first of `parts` that exists, else the tables if they are wanted, else nothing.
std::optional<SplitFiles> split_of(const CsvFolder& folder, const platform::Channel& channel,
                                   std::initializer_list<const char*> parts, bool or_tables) {
  for (const char* part : parts) {
    if (const auto found = folder.pairs.find(part); found != folder.pairs.end()) {
      return whole_pair(found->second, part, channel);
    }
  }
  if (!or_tables || folder.tables.empty()) return std::nullopt;
  return SplitFiles{{}, {}, folder.tables};
}

SplitFiles evaluation_files_in(const platform::Channel& channel) {
  const CsvFolder folder = datasets::find_csv(channel.path);
  refuse_other_forms(folder, channel);
  if (auto split = split_of(folder, channel, {channel.name.c_str(), "validation", "test", "train"}, true)) {
    return *split;
  }
  refuse_nested(channel);
  throw UserError("Expected CSV files to evaluate on in channel {}, found none; add them or leave the channel out.",
                  in_quotes(channel.name));
}

std::optional<SplitFiles> evaluation_files(std::span<const platform::Channel> channels,
                                           const platform::Channel& training, const CsvFolder& beside) {
  for (const char* name : {"validation", "test"}) {
    if (const platform::Channel* channel = platform::first_channel(channels, {name}))
      return evaluation_files_in(*channel);
    if (auto split = split_of(beside, training, {name}, false)) return split;
  }
  return std::nullopt;
}

[[noreturn]] void refuse_no_training_files(std::span<const platform::Channel> channels) {
  for (const char* name : {"training", "train"}) {
    const platform::Channel* channel = platform::first_channel(channels, {name});
    if (channel == nullptr) continue;
    refuse_other_forms(datasets::find_csv(channel->path), *channel);
    refuse_nested(*channel);
  }
  throw UserError("Expected CSV files in a channel called 'training' or 'train', found none there.");
}

void append(std::vector<fs::path>& all, const std::vector<fs::path>& more) {
  all.insert(all.end(), more.begin(), more.end());
}

}  // namespace

std::vector<std::string> find_files(const fs::path& channel) {
  const CsvFolder folder = datasets::find_csv(channel);
  std::vector<std::string> names;
  for (const auto& [part, pair] : folder.pairs) {
    names.push_back((pair.features.empty() ? pair.labels : pair.features).filename().native());
  }
  for (const fs::path& table : folder.recognized) names.push_back(table.filename().native());
  return names;
}

bool may_hold_files(const fs::path& channel, bool is_named) {
  const CsvFolder folder = datasets::find_csv(channel);
  if (!folder.similar.empty() || !folder.packed.empty() || !folder.foreign.empty()) return true;
  return is_named && (folder.holds_csv() || datasets::find_nested_csv(channel));
}

Files choose_files(std::span<const platform::Channel> channels) {
  const auto holds_csv = [](const fs::path& channel) { return datasets::find_csv(channel).holds_csv(); };
  const platform::Channel* training = platform::first_channel(channels, {"training", "train"}, holds_csv);
  if (training == nullptr) refuse_no_training_files(channels);
  const CsvFolder folder = datasets::find_csv(training->path);
  refuse_other_forms(folder, *training);
  const auto train = split_of(folder, *training, {"train"}, folder.pairs.empty());
  if (!train) {
    throw UserError("Expected X_train.csv and y_train.csv in channel {}, found only {}; add the training files.",
                    in_quotes(training->name), in_quotes(find_files(training->path)[0]));
  }
  return {*train, evaluation_files(channels, *training, folder)};
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
