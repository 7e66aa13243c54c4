#include "compiled/package.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <cstdint>
#include <functional>
#include <set>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/folder.hpp"
#include "base/mapped_file.hpp"
#include "base/text.hpp"
#include "codec/archive/zip.hpp"

namespace smlt::compiled {
namespace fs = std::filesystem;
namespace json = boost::json;
namespace {

constexpr std::string_view kNetworks = "data/aotinductor/";
constexpr std::string_view kConstants = "data/constants/";  // which the network opens beside its own files
constexpr std::string_view kMetadata = "_metadata.json";
constexpr size_t kLargestMetadata = size_t{1} << 20;
constexpr uint64_t kLargestMember = (uint64_t{4} << 30) - 2;  // what zlib counts
constexpr uint64_t kLargestPackage = uint64_t{16} << 30;
constexpr size_t kMostFiles = 10'000;

// A file of the network: its name, and what gives its content.
struct Member {
  std::string name;
  uint64_t size;
  std::function<std::string()> content;
};

[[noreturn]] void refuse(const std::string& package, const std::string& found, const std::string& advice) {
  throw UserError("Expected a network that the AOTInductor compiled in {}, found {}; {}.", package, found, advice);
}

constexpr const char* kPackAgain = "write it again with torch._inductor.aoti_compile_and_package";

bool is_plain(std::string_view name) {
  return !name.empty() && name != "." && name != ".." && name.size() <= 255 &&
         name.find_first_of(std::string_view("/\\\0", 3)) == std::string_view::npos;
}

// The path of a member without the archive's own folder; "" for what belongs to no network.
std::string_view inner_path(std::string_view path) {
  for (const std::string_view folder : {kNetworks, kConstants}) {
    if (path.starts_with(folder)) return path;
    const size_t slash = path.find('/');
    if (slash != std::string_view::npos && path.substr(slash + 1).starts_with(folder)) return path.substr(slash + 1);
  }
  return {};
}

// The network's name and the file's, or none for a constant: "model" and "a.so" in "data/aotinductor/model/a.so".
std::pair<std::string_view, std::string_view> network_and_file(std::string_view inner) {
  if (inner.starts_with(kConstants)) return {"", inner.substr(kConstants.size())};
  inner.remove_prefix(kNetworks.size());
  const size_t slash = inner.find('/');
  if (slash == std::string_view::npos) return {inner, ""};
  return {inner.substr(0, slash), inner.substr(slash + 1)};
}

void check_one_network(const std::string& package, const std::set<std::string>& networks) {
  if (networks.size() == 1) return;
  const std::vector<std::string> names(networks.begin(), networks.end());
  if (names.empty()) refuse(package, "none", kPackAgain);
  refuse(package, fmt::format("{} of them ({})", names.size(), shortened(listed(names), 200)), "keep one in a package");
}

std::vector<Member> members_of(const std::string& package, const std::vector<codec::ZipMember>& archive) {
  std::vector<Member> members;
  std::set<std::string> networks;
  uint64_t bytes = 0;
  for (const codec::ZipMember& each : archive) {
    const std::string_view inner = inner_path(each.name);
    if (inner.empty() || inner.ends_with("/")) continue;
    const auto [network, file] = network_and_file(inner);
    if (!is_plain(file)) refuse(package, "a file called " + in_quotes(each.name), kPackAgain);
    if (!network.empty()) networks.emplace(network);
    bytes += each.size;
    if (each.size > kLargestMember || bytes > kLargestPackage || members.size() == kMostFiles) {
      refuse(package, "more than 4 GB in a file, 16 GB in all or 10,000 files", "make it smaller");
    }
    members.push_back({std::string(file), each.size, [each] { return codec::unzipped(each); }});
  }
  check_one_network(package, networks);
  return members;
}

std::map<std::string, std::string> parsed_metadata(const std::string& package, const std::string& text) {
  std::map<std::string, std::string> metadata;
  try {
    const json::value root = json::parse(text);
    for (const auto& [key, value] : root.as_object()) {
      if (value.is_string()) metadata[std::string(key)] = std::string(value.as_string());
    }
  } catch (const boost::system::system_error&) {
    refuse(package, "metadata that are not JSON", kPackAgain);
  } catch (const std::exception&) {
    refuse(package, "metadata of another form", kPackAgain);
  }
  return metadata;
}

bool ends_with_any(std::string_view name, std::initializer_list<std::string_view> endings) {
  return std::any_of(endings.begin(), endings.end(), [&](std::string_view ending) { return name.ends_with(ending); });
}

// The name of the library among the files of a network.
std::string library_in(const std::string& package, const std::vector<std::string>& names) {
  std::vector<std::string> libraries;
  bool has_sources = false;
  for (const std::string& name : names) {
    if (name.ends_with(".so")) libraries.push_back(name);
    has_sources = has_sources || ends_with_any(name, {".cpp", ".o", ".cu"});
    if (name.ends_with(".blob")) {
      refuse(package, "its weights in a file of their own",
             "compile it without aot_inductor.package_constants_on_disk_format");
    }
  }
  if (libraries.size() == 1) return libraries[0];
  if (libraries.size() > 1) refuse(package, counted(std::ssize(libraries), "library"), kPackAgain);
  if (has_sources) {
    refuse(package, "sources that are not compiled, and there is no compiler here",
           "write it again without aot_inductor.package_cpp_only");
  }
  refuse(package, "no library", kPackAgain);
}

std::string metadata_name(const std::string& library) {
  return library.substr(0, library.size() - std::string_view(".so").size()) + std::string(kMetadata);
}

const Member& member_called(const std::string& package, const std::vector<Member>& members, const std::string& name) {
  const auto found =
      std::find_if(members.begin(), members.end(), [&](const Member& each) { return each.name == name; });
  if (found == members.end() || found->size > kLargestMetadata)
    refuse(package, "no metadata " + in_quotes(name), kPackAgain);
  return *found;
}

void unpack(const std::string& package, const std::vector<Member>& members, const fs::path& folder) {
  try {
    for (const Member& member : members) {
      if (!ends_with_any(member.name, {".cpp", ".o"})) write_file(folder / member.name, member.content());
    }
  } catch (const PlatformError& e) {
    throw PlatformError(
        "Expected room in /tmp to unpack {} into, found none; mount a larger one, or put the unpacked package into the "
        "model directory. {}",
        package, e.what());
  }
}

Package opened_archive(const fs::path& path) {
  Package opened{.name = in_quotes(path.native(), 200), .library = {}, .metadata = {}, .unpacked = {}};
  const MappedFile file(path);
  try {
    const std::vector<Member> members = members_of(opened.name, codec::zip_members(file.bytes()));
    std::vector<std::string> names;
    for (const Member& member : members) names.push_back(member.name);
    const std::string library = library_in(opened.name, names);
    opened.metadata =
        parsed_metadata(opened.name, member_called(opened.name, members, metadata_name(library)).content());
    opened.unpacked = TemporaryFolder("the compiled network of " + opened.name);
    unpack(opened.name, members, opened.unpacked.path());
    opened.library = opened.unpacked.path() / library;
  } catch (const std::invalid_argument& e) {
    throw UserError("Expected a compiled package at {}, found an archive that cannot be read: {}; copy it again.",
                    opened.name, e.what());
  }
  return opened;
}

// The folder of the network in an unpacked package, below the archive's own folder or without one.
fs::path network_folder(const std::string& package, const fs::path& path) {
  std::vector<fs::path> tops = {path};
  for (const auto& entry : entries(path)) {
    if (is_folder(entry.path())) tops.push_back(entry.path());
  }
  for (const fs::path& top : tops) {
    const fs::path networks = top / "data" / "aotinductor";
    if (!is_folder(networks)) continue;
    std::set<std::string> names;
    for (const auto& entry : entries(networks)) {
      if (is_folder(entry.path())) names.insert(entry.path().filename());
    }
    check_one_network(package, names);
    return networks / *names.begin();
  }
  refuse(package, "no folder data/aotinductor", kPackAgain);
}

Package opened_folder(const fs::path& path) {
  Package opened{.name = in_quotes(path.native(), 200), .library = {}, .metadata = {}, .unpacked = {}};
  const fs::path folder = network_folder(opened.name, path);
  std::vector<std::string> names;
  for (const auto& entry : entries(folder)) names.push_back(entry.path().filename());
  opened.library = folder / library_in(opened.name, names);
  const fs::path metadata = folder / metadata_name(opened.library.filename());
  if (!is_file(metadata)) refuse(opened.name, "no metadata", kPackAgain);
  opened.metadata = parsed_metadata(opened.name, read_file(metadata, kLargestMetadata));
  return opened;
}

}  // namespace

Package open_package(const fs::path& path) { return is_folder(path) ? opened_folder(path) : opened_archive(path); }

}  // namespace smlt::compiled
