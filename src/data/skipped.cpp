#include "data/skipped.hpp"

#include <algorithm>
#include <map>
#include <unordered_set>

#include "base/text.hpp"
#include "datasets/folder.hpp"

namespace smlt::data {
namespace fs = std::filesystem;
namespace {

constexpr size_t kShownKinds = 6;
constexpr size_t kLongestKind = 12;  // bytes

struct Kind {
  std::string name;
  size_t count = 0;
  fs::path example;
};

bool is_ending(std::string_view text) {
  const auto is_letter_or_digit = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  return text.size() > 1 && text.size() <= kLongestKind &&
         std::all_of(text.begin() + 1, text.end(), is_letter_or_digit);
}

// ".csv.gz" of "A.CSV.gz"; "without an extension".
std::string kind_of(const fs::path& file) {
  const std::string last = folded(file.extension().native());
  if (!is_ending(last)) return "without an extension";
  const std::string before = folded(file.stem().extension().native());
  return last == ".gz" && is_ending(before) ? before + last : last;
}

bool is_data(const fs::path& file) {
  const fs::path folder = file.parent_path();
  std::error_code error;  // what cannot be looked at is not there
  const bool is_processed = folder.filename() == "processed" && fs::is_directory(folder.parent_path() / "raw", error);
  return !is_processed && !file.filename().native().ends_with("-manifest");
}

std::vector<Kind> kinds_of(const std::vector<fs::path>& found, const fs::path& folder,
                           const std::unordered_set<std::string>& files) {
  std::map<std::string, Kind> by_name;
  for (const fs::path& file : found) {
    if (files.contains(file.native()) || !is_data(file)) continue;
    Kind& kind = by_name[kind_of(file)];
    if (kind.count++ == 0) kind.example = file.lexically_relative(folder);
  }
  std::vector<Kind> kinds;
  for (auto& [name, kind] : by_name) kinds.push_back({name, kind.count, std::move(kind.example)});
  std::stable_sort(kinds.begin(), kinds.end(), [](const Kind& a, const Kind& b) { return a.count > b.count; });
  return kinds;
}

std::string line_of(const std::vector<Kind>& kinds, const std::string& place) {
  std::string counts;
  size_t others = 0;
  for (size_t i = 0; i < kinds.size(); ++i) {
    if (i < kShownKinds)
      counts += fmt::format("{}{} {}", i == 0 ? "" : ", ", kinds[i].count, kinds[i].name);
    else
      others += kinds[i].count;
  }
  if (others > 0) counts += fmt::format(", {} of other kinds", others);
  return fmt::format("Skipped: {}, such as {} {}.", counts, in_quotes(kinds[0].example.native(), 200), place);
}

}  // namespace

std::vector<std::string> skipped_lines(std::span<const platform::Channel> channels, std::span<const fs::path> files) {
  std::unordered_set<std::string> accounted_for;
  for (const fs::path& file : files) accounted_for.insert(file.native());
  std::vector<std::string> lines;
  for (const platform::Channel& channel : channels) {
    if (!channel.is_data()) continue;
    const std::vector<Kind> kinds = kinds_of(datasets::visible_files(channel.path), channel.path, accounted_for);
    if (!kinds.empty()) lines.push_back(line_of(kinds, "in channel " + in_quotes(channel.name)));
  }
  return lines;
}

std::optional<std::string> skipped_beside_channels(const fs::path& data) {
  datasets::Listing here = datasets::listing_of(data);
  here.files.insert(here.files.end(), here.others.begin(), here.others.end());
  const std::vector<Kind> kinds = kinds_of(here.files, data, {});
  return kinds.empty() ? std::nullopt : std::optional(line_of(kinds, "beside the channels"));
}

}  // namespace smlt::data
