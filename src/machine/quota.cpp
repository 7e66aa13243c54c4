#include "machine/quota.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <fstream>
#include <limits>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "values/number.hpp"

namespace smlt::machine {
namespace fs = std::filesystem;
namespace {

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

// Where a hierarchy with a controller is mounted, and which of its cgroups is the top of that mount.
struct Mount {
  fs::path point;
  std::string top = "/";
};

// A line of mountinfo: id parent major:minor top point options [tags] - type source options.
std::vector<Mount> mounts(const fs::path& root, bool unified, const std::string& controller) {
  std::vector<Mount> found;
  for (const std::string& line : split(read_kernel_file(root / "proc/self/mountinfo"), '\n')) {
    const std::vector<std::string> fields = split(line, ' ');
    const auto dash = std::find(fields.begin(), fields.end(), "-");
    if (dash - fields.begin() < 6 || fields.end() - dash < 4) continue;
    const bool matches = unified ? dash[1] == "cgroup2" : dash[1] == "cgroup" && has(dash[3], controller);
    if (!matches) continue;
    found.push_back({root / fs::path(without_octal(fields[4])).relative_path(), without_octal(fields[3])});
  }
  if (found.empty()) found.push_back({unified ? root / "sys/fs/cgroup" : root / "sys/fs/cgroup" / controller, "/"});
  return found;
}

// This process's cgroup: a line of /proc/self/cgroup is hierarchy:controllers:path, "0::path" for version 2.
std::string own_path(const fs::path& root, bool unified, const std::string& controller) {
  for (const std::string& line : split(read_kernel_file(root / "proc/self/cgroup"), '\n')) {
    const size_t first = line.find(':');
    const size_t second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    if (unified ? line.starts_with("0::") : has(controllers, controller)) return line.substr(second + 1);
  }
  return "/";
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

std::optional<int> whole_processors(const std::string& quota, const std::string& period) {
  const std::optional<int64_t> microseconds = values::read_integer(quota);
  const std::optional<int64_t> of = values::read_integer(period);
  if (!microseconds || !of || *microseconds <= 0 || *of <= 0) return std::nullopt;  // "max", -1, or unreadable
  return static_cast<int>(std::min<int64_t>(*microseconds / *of, std::numeric_limits<int>::max()));
}

std::string first_word(const fs::path& path) {
  std::string word;
  std::istringstream(read_kernel_file(path)) >> word;
  return word;
}

std::optional<int> quota_of(const fs::path& cgroup, bool unified) {
  if (!unified)
    return whole_processors(first_word(cgroup / "cpu.cfs_quota_us"), first_word(cgroup / "cpu.cfs_period_us"));
  std::string quota;
  std::string period = "100000";
  std::istringstream(read_kernel_file(cgroup / "cpu.max")) >> quota >> period;
  return whole_processors(quota, period);
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

std::optional<int64_t> memory_of(const fs::path& cgroup, bool unified) {
  const auto bytes = values::read_integer(first_word(cgroup / (unified ? "memory.max" : "memory.limit_in_bytes")));
  return bytes && *bytes > 0 ? bytes : std::nullopt;  // "max", or unreadable
}

template <typename Number>
void keep_least(std::optional<Number>& least, std::optional<Number> other) {
  if (other && (!least || *other < *least)) least = other;
}

// The least that `limit_of` finds in the cgroups of this process, from the top of each mount down to its own.
template <typename Number>
std::optional<Number> least_limit(const fs::path& root, const std::string& controller,
                                  std::optional<Number> (*limit_of)(const fs::path& cgroup, bool unified)) {
  std::optional<Number> least;
  for (const bool unified : {true, false}) {
    const std::string path = own_path(root, unified, controller);
    for (const Mount& mount : mounts(root, unified, controller)) {
      fs::path cgroup = mount.point;
      keep_least(least, limit_of(cgroup, unified));
      for (const std::string& folder : folders_below(mount.top, path)) {
        cgroup /= folder;
        keep_least(least, limit_of(cgroup, unified));
      }
    }
  }
  return least;
}

}  // namespace

std::optional<int> quota_processors(const fs::path& root) { return least_limit(root, "cpu", quota_of); }

std::optional<int64_t> usable_memory(const fs::path& root) {
  std::optional<int64_t> least = least_limit(root, "memory", memory_of);
  keep_least(least, physical_memory(root));
  return least;
}

}  // namespace smlt::machine
