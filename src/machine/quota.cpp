#include "machine/quota.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <fstream>
#include <functional>
#include <limits>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "values/number.hpp"

namespace smlt::machine {
namespace fs = std::filesystem;
namespace {

int sharing_processes = 1;  // set once, before anybody asks

constexpr size_t kMostBytes = size_t{1} << 20;

// The kernel's files have no size, so read_file of room base cannot read them.
std::string read_kernel_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::array<char, 4096> block{};
  std::string text;
  while (text.size() < kMostBytes && file) {
    file.read(block.data(), block.size());
    text.append(block.data(), static_cast<size_t>(file.gcount()));
  }
  return text;
}

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);) parts.push_back(part);
  return parts;
}

bool has(const std::string& controllers, const std::string& controller) {
  const std::vector<std::string> names = split(controllers, ',');
  return std::find(names.begin(), names.end(), controller) != names.end();
}

// mountinfo writes blanks in a path as \040 and the like (proc(5)).
std::string without_octal(std::string_view text) {
  const auto octal = [&](size_t i) { return i < text.size() && text[i] >= '0' && text[i] <= '7'; };
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && octal(i + 1) && octal(i + 2) && octal(i + 3)) {
      out += static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0'));
      i += 3;
    } else {
      out += text[i];
    }
  }
  return out;
}

// A mounted file system. Only what is below its folder `top` can be seen, at `point`.
struct Mount {
  std::string type = {};
  std::string options = {};
  fs::path point = {};
  std::string top = "/";
};

// A line of mountinfo: id parent major:minor top point options [tags] - type source options.
std::vector<Mount> all_mounts(const fs::path& root) {
  std::vector<Mount> found;
  for (const std::string& line : split(read_kernel_file(root / "proc/self/mountinfo"), '\n')) {
    const std::vector<std::string> fields = split(line, ' ');
    const auto dash = std::find(fields.begin(), fields.end(), "-");
    if (dash - fields.begin() < 6 || fields.end() - dash < 4) continue;
    const fs::path point = without_octal(fields[4]);
    found.push_back({dash[1], dash[3], root / point.relative_path(), without_octal(fields[3])});
  }
  return found;
}

// This process's cgroup in one hierarchy.
struct Membership {
  std::string hierarchy;
  std::string controllers;
  std::string path;
};

// A line of /proc/self/cgroup: hierarchy:controllers:path.
std::vector<Membership> all_memberships(const fs::path& root) {
  std::vector<Membership> found;
  for (const std::string& line : split(read_kernel_file(root / "proc/self/cgroup"), '\n')) {
    const size_t first = line.find(':');
    const size_t second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    found.push_back({line.substr(0, first), line.substr(first + 1, second - first - 1), line.substr(second + 1)});
  }
  return found;
}

// The part of `path` below `top`, as its folders. A path outside the mount, which a cgroup namespace shows as /../x,
// has no folders here: the mount itself is then the nearest ancestor that can be seen.
std::vector<std::string> folders_below(const std::string& top, const std::string& path) {
  std::vector<std::string> tops = split(top, '/');
  std::vector<std::string> folders = split(path, '/');
  std::erase(tops, "");
  std::erase(folders, "");
  if (std::find(folders.begin(), folders.end(), "..") != folders.end()) return {};
  if (tops.size() > folders.size() || !std::equal(tops.begin(), tops.end(), folders.begin())) return {};
  folders.erase(folders.begin(), folders.begin() + static_cast<std::ptrdiff_t>(tops.size()));
  return folders;
}

// The cgroups of one hierarchy that hold this process, from the top of each of its mounts down. If no mount is known,
// its usual place counts as one.
template <typename IsMount, typename IsMembership>
std::vector<fs::path> cgroups(const fs::path& root, const fs::path& usual_place, IsMount is_mount,
                              IsMembership is_membership) {
  std::vector<Mount> mounts = all_mounts(root);
  std::erase_if(mounts, std::not_fn(is_mount));
  if (mounts.empty()) mounts.push_back({.point = root / usual_place});
  const std::vector<Membership> memberships = all_memberships(root);
  const auto own = std::find_if(memberships.begin(), memberships.end(), is_membership);
  std::vector<fs::path> found;
  for (const Mount& mount : mounts) {
    found.push_back(mount.point);
    if (own == memberships.end()) continue;
    for (const std::string& folder : folders_below(mount.top, own->path)) found.push_back(found.back() / folder);
  }
  return found;
}

// Version 2 has one hierarchy for all controllers.
std::vector<fs::path> cgroups_v2(const fs::path& root) {
  return cgroups(
      root, "sys/fs/cgroup", [](const Mount& mount) { return mount.type == "cgroup2"; },
      [](const Membership& own) { return own.hierarchy == "0" && own.controllers.empty(); });
}

// Version 1 has one hierarchy per controller, or per group of them.
std::vector<fs::path> cgroups_v1(const fs::path& root, const std::string& controller) {
  return cgroups(
      root, "sys/fs/cgroup/" + controller,
      [&](const Mount& mount) { return mount.type == "cgroup" && has(mount.options, controller); },
      [&](const Membership& own) { return has(own.controllers, controller); });
}

std::string first_word(const fs::path& path) {
  std::string word;
  std::istringstream(read_kernel_file(path)) >> word;
  return word;
}

std::optional<int> whole_processors(const std::string& quota, const std::string& period) {
  const std::optional<int64_t> microseconds = values::read_integer(quota);
  const std::optional<int64_t> of = values::read_integer(period);
  if (!microseconds || !of || *microseconds <= 0 || *of <= 0) return std::nullopt;  // "max", -1, or unreadable
  return static_cast<int>(std::min<int64_t>(*microseconds / *of, std::numeric_limits<int>::max()));
}

std::optional<int> quota_v2(const fs::path& cgroup) {
  std::string quota;
  std::string period = "100000";
  std::istringstream(read_kernel_file(cgroup / "cpu.max")) >> quota >> period;
  return whole_processors(quota, period);
}

std::optional<int> quota_v1(const fs::path& cgroup) {
  return whole_processors(first_word(cgroup / "cpu.cfs_quota_us"), first_word(cgroup / "cpu.cfs_period_us"));
}

std::optional<int64_t> memory_limit(const fs::path& file) {
  const auto bytes = values::read_integer(first_word(file));
  return bytes && *bytes > 0 ? bytes : std::nullopt;  // "max", or unreadable
}

// A line "MemTotal:       16329428 kB" of /proc/meminfo.
std::optional<int64_t> physical_memory(const fs::path& root) {
  std::istringstream lines(read_kernel_file(root / "proc/meminfo"));
  for (std::string name, number, unit; lines >> name >> number >> unit;) {
    const std::optional<int64_t> kibibytes = values::read_integer(number);
    const bool is_sound = kibibytes && *kibibytes > 0 && *kibibytes <= std::numeric_limits<int64_t>::max() / 1024;
    if (name == "MemTotal:" && is_sound) return *kibibytes * 1024;
  }
  return std::nullopt;
}

template <typename Number>
void keep_least(std::optional<Number>& least, std::optional<Number> other) {
  if (other && (!least || *other < *least)) least = other;
}

}  // namespace

// On a hybrid machine a process is in cgroups of both versions.
std::optional<int> quota_processors(const fs::path& root) {
  std::optional<int> least;
  for (const fs::path& cgroup : cgroups_v2(root)) keep_least(least, quota_v2(cgroup));
  for (const fs::path& cgroup : cgroups_v1(root, "cpu")) keep_least(least, quota_v1(cgroup));
  return least;
}

std::optional<int64_t> usable_memory(const fs::path& root) {
  std::optional<int64_t> least = physical_memory(root);
  for (const fs::path& cgroup : cgroups_v2(root)) keep_least(least, memory_limit(cgroup / "memory.max"));
  for (const fs::path& cgroup : cgroups_v1(root, "memory")) {
    keep_least(least, memory_limit(cgroup / "memory.limit_in_bytes"));
  }
  if (least) *least /= sharing_processes;
  return least;
}

void share_memory_among(int processes) { sharing_processes = processes; }

}  // namespace smlt::machine
