#include "platform/derived.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <optional>

#include "platform/config_file.hpp"
#include "values/json.hpp"
#include "values/python.hpp"

namespace smlt::platform {
namespace json = boost::json;
namespace {

using Variables = Environment;

std::string upper_case(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return out;
}

json::array array_of(std::span<const std::string> texts) { return json::array(texts.begin(), texts.end()); }

void add_directories(Variables& variables, const Tree& tree) {
  const auto input = tree.base / "input";
  variables["SM_MODEL_DIR"] = tree.model.native();
  variables["SM_INPUT_DIR"] = input.native();
  variables["SM_INPUT_CONFIG_DIR"] = tree.config.native();
  variables["SM_INPUT_DATA_DIR"] = tree.data.native();
  variables["SM_OUTPUT_DIR"] = tree.output.native();
  variables["SM_OUTPUT_DATA_DIR"] = tree.output_data.native();
  variables["SM_OUTPUT_INTERMEDIATE_DIR"] = (tree.output / "intermediate").native();
  variables["SM_OUTPUT_FAILURE"] = tree.failure().native();
}

void add_channels(Variables& variables, const Tree& tree, std::span<const Channel> channels) {
  json::array names;
  for (const Channel& channel : channels) {
    names.emplace_back(channel.name);
    variables["SM_CHANNEL_" + upper_case(channel.name)] = channel.path.native();
  }
  variables["SM_CHANNELS"] = values::json_dumps(names);
  variables["SM_INPUT_DATA_CONFIG"] =
      values::json_dumps(read_object(tree, "inputdataconfig.json").value_or(json::object()));
}

void add_groups(Variables& variables, const Cluster& cluster) {
  json::array names;
  json::object by_name;
  json::array own_hosts;
  for (const Cluster::Group& group : cluster.groups) {
    names.emplace_back(group.name);
    by_name[group.name] = {
        {"instance_group_name", group.name}, {"instance_type", group.instance_type}, {"hosts", array_of(group.hosts)}};
    if (group.name == cluster.group_name && own_hosts.empty()) own_hosts = array_of(group.hosts);
  }
  variables["SM_CURRENT_INSTANCE_GROUP"] = cluster.group_name;
  variables["SM_CURRENT_INSTANCE_GROUP_HOSTS"] = values::json_dumps(own_hosts);
  variables["SM_INSTANCE_GROUPS"] = values::json_dumps(names);
  variables["SM_INSTANCE_GROUPS_DICT"] = values::json_dumps(by_name);
  variables["SM_IS_HETERO"] = cluster.groups.size() > 1 ? "true" : "false";
}

void add_hosts(Variables& variables, const Tree& tree, const Cluster& cluster) {
  json::object config = read_object(tree, "resourceconfig.json").value_or(json::object());
  config.emplace("hosts", array_of(cluster.hosts));
  config.emplace("current_host", cluster.current_host);
  // The toolkit keeps the order in the file, which our sorted hosts have lost.
  variables["SM_HOSTS"] = values::json_dumps(config["hosts"]);
  variables["SM_RESOURCE_CONFIG"] = values::json_dumps(config);
  if (const json::value* topology = config.if_contains("topology"))
    variables["SM_TOPOLOGY"] = values::json_dumps(*topology);
  variables["SM_CURRENT_HOST"] = cluster.current_host;
  variables["SM_CURRENT_INSTANCE_TYPE"] = cluster.instance_type;
  variables["SM_NETWORK_INTERFACE_NAME"] = cluster.network_interface;
  add_groups(variables, cluster);
}

void add_v3_hosts(Variables& variables, const Cluster& cluster) {
  variables["SM_MASTER_ADDR"] = cluster.hosts.front();
  variables["SM_MASTER_PORT"] = std::to_string(kMasterPort);
  variables["SM_HOST_COUNT"] = fmt::format("{}", cluster.size());
  variables["SM_CURRENT_HOST_RANK"] = fmt::format("{}", cluster.rank());
}

std::string option_of(const std::string& name) { return name.empty() ? "" : (name.size() > 1 ? "--" : "-") + name; }

void add_settings(Variables& variables, std::span<const settings::RawSetting> settings) {
  std::map<std::string, values::Decoded> sorted;
  for (const settings::RawSetting& setting : settings) sorted.emplace(setting.name, values::decode(setting.text));
  std::string members;
  json::array arguments;
  for (const auto& [name, decoded] : sorted) {
    members += (members.empty() ? "" : ",") + values::json_dumps(json::value(name)) + ":" + decoded.json;
    arguments.insert(arguments.end(), {json::value(option_of(name)), json::value(decoded.argument)});
    std::string variable = "SM_HP_" + upper_case(name);
    variables.emplace(variable, decoded.variable);
    std::replace(variable.begin(), variable.end(), '-', '_');
    variables.emplace(variable, decoded.variable);
  }
  variables["SM_HPS"] = "{" + members + "}";
  variables["SM_USER_ARGS"] = values::json_dumps(arguments);
}

std::string log_level(const Tree& tree) {
  const auto hyperparameters = read_object(tree, "hyperparameters.json");
  const json::value* level = hyperparameters ? hyperparameters->if_contains("sagemaker_container_log_level") : nullptr;
  if (level == nullptr) return "20";
  return values::decode(level->is_string() ? std::string(level->get_string()) : values::json_dumps(*level)).variable;
}

// setenv and execve can carry neither.
bool can_be_variable(const std::string& name, const std::string& value) {
  return name.find('=') == std::string::npos && name.find('\0') == std::string::npos &&
         value.find('\0') == std::string::npos;
}

}  // namespace

Environment derived_variables(const Tree& tree, std::span<const Channel> channels, const Cluster& cluster,
                              std::span<const settings::RawSetting> settings, const Environment& environment) {
  Variables variables;
  add_directories(variables, tree);
  add_channels(variables, tree, channels);
  add_hosts(variables, tree, cluster);
  add_v3_hosts(variables, cluster);
  add_settings(variables, settings);
  variables["SM_LOG_LEVEL"] = log_level(tree);
  variables["SM_NUM_CPUS"] = fmt::format("{}", ::sysconf(_SC_NPROCESSORS_ONLN));
  variables["SM_NUM_GPUS"] = "0";
  std::erase_if(variables, [](const auto& item) { return !can_be_variable(item.first, item.second); });
  for (auto& [name, value] : variables) {
    const auto set = environment.find(name);
    if (set != environment.end()) value = set->second;
  }
  return variables;
}

}  // namespace smlt::platform
