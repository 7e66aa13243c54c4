#include "models/tabular/card/found.hpp"

#include <algorithm>
#include <initializer_list>
#include <iterator>

#include "base/error.hpp"
#include "base/text.hpp"
#include "platform/data_channels.hpp"

namespace smlt::models::tabular {
namespace fs = std::filesystem;
namespace {

using datasets::CsvFolder;

SplitFiles whole_pair(const CsvFolder::Pair& pair, const std::string& part, const platform::Channel& channel) {
  if (!pair.features.empty() && !pair.labels.empty()) return {pair.features, pair.labels, {}, 0};
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
  return SplitFiles{{}, {}, folder.tables, folder.values};
}

// The files that are plainly a table's.
std::vector<std::string> names_in(const CsvFolder& folder) {
  std::vector<std::string> names;
  for (const auto& [part, pair] : folder.pairs) {
    names.push_back((pair.features.empty() ? pair.labels : pair.features).filename().native());
  }
  for (const fs::path& table : folder.recognized) names.push_back(table.filename().native());
  return names;
}

}  // namespace

Found::Found(std::span<const platform::Channel> channels, datasets::Looks& looks)
    : channels_(channels.begin(), channels.end()) {
  for (const platform::Channel& channel : channels_) {
    const CsvFolder& folder = folders_.emplace(channel.name, datasets::find_csv(channel.path, looks)).first->second;
    for (const std::string& name : names_in(folder)) add(channel.name, name);
  }
}

bool Found::may_be_meant(bool is_named) const {
  return std::any_of(channels_.begin(), channels_.end(), [&](const platform::Channel& channel) {
    const CsvFolder& folder = folders_.at(channel.name);
    if (!folder.similar.empty() || !folder.packed.empty() || !folder.foreign.empty()) return true;
    return is_named && (folder.holds_csv() || datasets::find_nested_csv(channel.path));
  });
}

void Found::choose(const settings::Settings&) {
  const platform::Channel& training = channel_to_train_on();
  chosen_.emplace(Chosen{training_files(training), std::nullopt});
  for (const char* part : {"validation", "test"}) {
    if (const platform::Channel* channel = platform::channel_named(channels_, part)) {
      chosen_->validation = evaluation_files(*channel);
    } else {
      chosen_->validation = split_of(folders_.at(training.name), training, {part}, /*or_tables=*/false);
    }
    if (chosen_->validation) return;
  }
}

const platform::Channel& Found::channel_to_train_on() const {
  const auto holds_csv = [this](const platform::Channel& channel) { return folders_.at(channel.name).holds_csv(); };
  std::vector<platform::Channel> to_train_on;
  std::copy_if(channels_.begin(), channels_.end(), std::back_inserter(to_train_on),
               [](const platform::Channel& channel) { return channel.name == "training" || channel.name == "train"; });
  if (std::none_of(to_train_on.begin(), to_train_on.end(), holds_csv)) {
    for (const platform::Channel& channel : to_train_on) {
      refuse_other_forms(folders_.at(channel.name), channel);
      refuse_nested(channel);
    }
  }
  return platform::training_channel(channels_, "CSV files", holds_csv);
}

SplitFiles Found::training_files(const platform::Channel& channel) const {
  const CsvFolder& folder = folders_.at(channel.name);
  refuse_other_forms(folder, channel);
  if (const auto train = split_of(folder, channel, {"train"}, folder.pairs.empty())) return *train;
  throw UserError("Expected X_train.csv and y_train.csv in channel {}, found only {}; add the training files.",
                  in_quotes(channel.name), in_quotes(names_in(folder)[0]));
}

SplitFiles Found::evaluation_files(const platform::Channel& channel) const {
  const CsvFolder& folder = folders_.at(channel.name);
  refuse_other_forms(folder, channel);
  if (const auto split = split_of(folder, channel, {channel.name.c_str(), "validation", "test", "train"}, true)) {
    return *split;
  }
  refuse_nested(channel);
  throw UserError("Expected CSV files to evaluate on in channel {}, found none; add them or leave the channel out.",
                  in_quotes(channel.name));
}

}  // namespace smlt::models::tabular
