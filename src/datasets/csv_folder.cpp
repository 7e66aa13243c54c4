#include "datasets/csv_folder.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <system_error>

#include "base/error.hpp"
#include "base/text.hpp"
#include "codec/table/table_look.hpp"
#include "datasets/folder.hpp"

namespace smlt::datasets {
namespace fs = std::filesystem;
namespace {

constexpr std::array<std::string_view, 12> kPackings = {".bz2", ".zst", ".xz", ".zip",  ".lz4", ".snappy",
                                                        ".7z",  ".z",   ".br", ".lzma", ".tar", ".tgz"};
constexpr std::array<std::string_view, 8> kForeign = {".parquet", ".feather", ".arrow", ".orc",
                                                      ".avro",    ".xlsx",    ".xls",   ".ods"};

bool is_csv(std::string_view folded_name) { return folded_name.ends_with(".csv"); }

bool is_packed(std::string_view folded_name) {
  return std::any_of(kPackings.begin(), kPackings.end(), [&](std::string_view packing) {
    return folded_name.ends_with(packing) && is_csv(folded_name.substr(0, folded_name.size() - packing.size()));
  });
}

bool is_foreign(std::string_view folded_name) {
  const auto ends = [&](std::string_view ending) { return folded_name.ends_with(ending); };
  return std::any_of(kForeign.begin(), kForeign.end(), ends);
}

class Reader {
 public:
  explicit Reader(Looks& looks) : looks_(looks) {}

  CsvFolder read(const fs::path& folder) {
    for (const fs::path& path : visible_entries(folder)) {
      std::error_code error;
      if (!fs::is_directory(path, error)) add(path);
    }
    std::erase_if(found_.packed, [&](const fs::path& path) { return taken_.contains(path.stem().native()); });
    return std::move(found_);
  }

 private:
  void add(const fs::path& path) {
    const std::string whole = path.filename().native(), plain = without_gz(whole), name = folded(plain);
    if (plain != whole && taken_.contains(plain)) return;
    if (add_half(path, name) || add_table(path, name)) {
      taken_.insert(plain);
    } else if (is_packed(name)) {
      found_.packed.push_back(path);
    } else if (is_foreign(name)) {
      found_.foreign.push_back(path);
    }
  }

  // "X_train.csv". Returns whether the name is one of those.
  bool add_half(const fs::path& path, const std::string& name) {
    for (const char* part : {"train", "validation", "test"}) {
      if (name != fmt::format("x-{}.csv", part) && name != fmt::format("y-{}.csv", part)) continue;
      CsvFolder::Pair& pair = found_.pairs[part];
      fs::path& half = name[0] == 'x' ? pair.features : pair.labels;
      if (!half.empty()) found_.doubled.emplace(half, path);
      half = path;
      return true;
    }
    return false;
  }

  bool add_table(const fs::path& path, const std::string& name) {
    if (is_packed(name) || is_foreign(name)) return false;
    const auto [look, values] = look_of(path, name);
    if (look == codec::TableLook::kNone && !is_csv(name)) return false;
    if (look == codec::TableLook::kTable) found_.recognized.push_back(path);
    if (look == codec::TableLook::kSimilar) found_.similar.push_back(path);
    found_.tables.push_back(path);
    found_.values += values;
    return true;
  }

  // A file that the disk cannot read may be a table, whatever its name; a damaged one is a table if its name says so.
  std::pair<codec::TableLook, size_t> look_of(const fs::path& path, const std::string& name) {
    try {
      const Look& look = looks_.at(path);
      const bool may_be = look.is_damaged && (is_csv(name) || fs::path(name).extension().empty());
      return {may_be ? codec::TableLook::kSimilar : look.table, look.values};
    } catch (const PlatformError&) {
      return {codec::TableLook::kSimilar, 0};
    }
  }

  Looks& looks_;
  CsvFolder found_;
  std::set<std::string> taken_;  // names, without .gz
};

}  // namespace

CsvFolder find_csv(const fs::path& folder, Looks& looks) { return Reader(looks).read(folder); }

std::optional<fs::path> find_nested_csv(const fs::path& folder) {
  std::optional<fs::path> found;
  for (const fs::path& inner : listing_of(folder).folders) {
    walk(inner, [&](const Listing& here) {
      const auto file = std::find_if(here.files.begin(), here.files.end(), [](const fs::path& path) {
        return is_csv(folded(without_gz(path.filename().native())));
      });
      if (file != here.files.end()) found = *file;
      return !found;
    });
    if (found) break;
  }
  return found;
}

}  // namespace smlt::datasets
