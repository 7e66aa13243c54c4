#include "data/skipped.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

#include "base/tally.hpp"
#include "base/text.hpp"
#include "datasets/folder.hpp"

namespace smlt::data {
namespace fs = std::filesystem;
namespace {

constexpr size_t kLongestKind = 12;  // bytes

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
  std::error_code error;  // what cannot be looked at counts as absent
  const bool is_processed = folder.filename() == "processed" && fs::is_directory(folder.parent_path() / "raw", error);
  return !is_processed && !file.filename().native().ends_with("-manifest");
}

Tally tally_of(const std::vector<fs::path>& found, const fs::path& folder,
               const std::unordered_set<std::string>& files) {
  Tally tally;
  for (const fs::path& file : found) {
    if (files.contains(file.native()) || !is_data(file)) continue;
    tally.add(kind_of(file), file.lexically_relative(folder).native());
  }
  return tally;
}

std::string line_of(const Tally& tally, const std::string& place) {
  return fmt::format("Skipped: {} {}.", tally.phrase(), place);
}

}  // namespace

std::vector<std::string> skipped_lines(std::span<const platform::Channel> channels, std::span<const fs::path> files) {
  std::unordered_set<std::string> accounted_for;
  for (const fs::path& file : files) accounted_for.insert(file.native());
  std::vector<std::string> lines;
  for (const platform::Channel& channel : channels) {
    if (!channel.is_data()) continue;
    const Tally tally = tally_of(datasets::visible_files(channel.path), channel.path, accounted_for);
    if (!tally.is_empty()) lines.push_back(line_of(tally, "in channel " + in_quotes(channel.name)));
  }
  return lines;
}

std::optional<std::string> skipped_beside_channels(const fs::path& data) {
  datasets::Listing here = datasets::listing_of(data);
  here.files.insert(here.files.end(), here.others.begin(), here.others.end());
  const Tally tally = tally_of(here.files, data, {});
  return tally.is_empty() ? std::nullopt : std::optional(line_of(tally, "beside the channels"));
}

}  // namespace smlt::data
