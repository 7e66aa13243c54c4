#include "platform/channel.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "base/error.hpp"
#include "base/folder.hpp"
#include "base/text.hpp"
#include "platform/config_file.hpp"
#include "values/json.hpp"
#include "values/python.hpp"

namespace smlt::platform {
namespace fs = std::filesystem;
namespace json = boost::json;
namespace {

constexpr const char* kFile = "inputdataconfig.json";
constexpr std::string_view kVariable = "SM_CHANNEL_";

// What the API allows (platform 3), except the two names that would lead out of input/data.
bool is_channel_name(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
           c == '_';
  };
  return !name.empty() && name.size() <= 64 && name != "." && name != ".." &&
         std::all_of(name.begin(), name.end(), allowed);
}

std::string input_mode_of(const json::object& settings, const Channel& channel, const std::string& where) {
  constexpr std::array<std::string_view, 3> kModes = {"File", "FastFile", "Pipe"};
  std::string mode = values::text_at(settings, "TrainingInputMode", channel.input_mode, where);
  if (std::find(kModes.begin(), kModes.end(), mode) == kModes.end()) {
    throw UserError("Expected TrainingInputMode File, FastFile or Pipe for {}, found {}.", where, in_quotes(mode));
  }
  return mode;
}

Channel channel_from(const std::string& name, const json::value& settings, const Tree& tree, const std::string& file) {
  if (!is_channel_name(name)) {
    throw UserError("Expected names of 1 to 64 letters, digits, '.', '-' and '_' for the channels in {}, found {}.",
                    file, in_quotes(name));
  }
  Channel channel{.name = name, .path = tree.data / name, .content_type = ""};
  if (settings.is_null()) return channel;
  const std::string where = fmt::format("channel {} of {}", name, file);
  if (!settings.is_object()) {
    throw UserError("Expected a JSON object for {}, found {}.", where, in_quotes(values::json_dumps(settings)));
  }
  const json::object& keys = settings.get_object();
  channel.content_type = values::text_at(keys, "ContentType", "", where);
  channel.input_mode = input_mode_of(keys, channel, where);
  channel.distribution = values::text_at(keys, "S3DistributionType", channel.distribution, where);
  return channel;
}

// The channel that SM_CHANNEL_<name> means: AWS only puts the name in upper case, other tools write '_' for '-'.
std::vector<Channel>::iterator find_channel(std::vector<Channel>& channels, std::string_view name) {
  const auto same_letters = [&](const Channel& c) { return lower_case(c.name) == lower_case(name); };
  const auto found = std::find_if(channels.begin(), channels.end(), same_letters);
  if (found != channels.end()) return found;
  return std::find_if(channels.begin(), channels.end(),
                      [&](const Channel& c) { return folded(c.name) == folded(name); });
}

// Without the slash at the end that some write: entries of the folder have this path as their parent.
fs::path folder_at(const std::string& text) {
  const fs::path path(text);
  return path.has_filename() ? path : path.parent_path();
}

// True if a variable named a channel.
bool apply_variables(std::vector<Channel>& channels, const Environment& environment) {
  bool any = false;
  for (auto it = environment.lower_bound(std::string(kVariable)); it != environment.end(); ++it) {
    if (!it->first.starts_with(kVariable)) break;
    const std::string_view name = std::string_view(it->first).substr(kVariable.size());
    if (!is_channel_name(name) || it->second.empty()) continue;
    any = true;
    const auto found = find_channel(channels, name);
    if (found != channels.end()) {
      found->path = folder_at(it->second);
    } else {
      channels.push_back({.name = lower_case(name), .path = folder_at(it->second), .content_type = ""});
    }
  }
  return any;
}

bool is_data_directory(const fs::path& path) {
  const std::string name = path.filename().native();
  return is_channel_name(name) && name[0] != '.' && name != "code" && name != "sm_drivers" &&
         !name.ends_with("-manifest") && is_folder(path);
}

std::vector<Channel> channels_by_directory(const Tree& tree) {
  std::vector<Channel> channels;
  if (!is_there(tree.data)) return channels;
  for (const fs::path& path : entries(tree.data)) {
    if (!is_data_directory(path)) continue;
    channels.push_back({.name = path.filename().native(), .path = path, .content_type = ""});
  }
  return channels;
}

}  // namespace

std::vector<Channel> read_channels(const Tree& tree, const Environment& environment) {
  std::vector<Channel> channels;
  const std::optional<json::object> config = read_object(tree, kFile);
  if (config) {
    const std::string file = config_path(tree, kFile);
    for (const auto& member : *config) channels.push_back(channel_from(member.key(), member.value(), tree, file));
  }
  const bool named_by_variable = apply_variables(channels, environment);
  if (!config && !named_by_variable) channels = channels_by_directory(tree);
  std::sort(channels.begin(), channels.end(), [](const Channel& a, const Channel& b) { return a.name < b.name; });
  return channels;
}

}  // namespace smlt::platform
