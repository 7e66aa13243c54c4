#include "platform/cluster.hpp"

#include <algorithm>
#include <optional>

#include "base/error.hpp"
#include "base/text.hpp"
#include "platform/config_file.hpp"
#include "values/json.hpp"
#include "values/list.hpp"

namespace smlt::platform {
namespace json = boost::json;
namespace {

constexpr const char* kFile = "resourceconfig.json";

const std::string* find_variable(const Environment& environment, const std::string& name) {
  const auto found = environment.find(name);
  return found == environment.end() || found->second.empty() ? nullptr : &found->second;
}

std::vector<Cluster::Group> read_groups(const json::object& config, const std::string& where) {
  const json::value* found = config.if_contains("instance_groups");
  if (found == nullptr || found->is_null()) return {};
  const std::string place = "instance_groups of " + where;
  std::vector<Cluster::Group> groups;
  if (!found->is_array()) throw UserError("Expected a list for {}.", place);
  for (const json::value& item : found->get_array()) {
    if (!item.is_object()) throw UserError("Expected a JSON object for every entry in {}.", place);
    const json::object& group = item.get_object();
    groups.push_back({values::text_at(group, "instance_group_name", "", place),
                      values::text_at(group, "instance_type", "", place), values::texts_at(group, "hosts", place)});
  }
  return groups;
}

// `current_instance_group` is the toolkit's name for the key in the file that it writes itself.
std::string group_name(const json::object& config, const std::string& otherwise, const std::string& where) {
  return values::text_at(config, "current_group_name",
                         values::text_at(config, "current_instance_group", otherwise, where), where);
}

void read_file_into(Cluster& cluster, const json::object& config, const std::string& where) {
  cluster.hosts = values::texts_at(config, "hosts", where);
  cluster.current_host = values::text_at(config, "current_host", "", where);
  cluster.instance_type = values::text_at(config, "current_instance_type", cluster.instance_type, where);
  cluster.group_name = group_name(config, cluster.group_name, where);
  cluster.groups = read_groups(config, where);
  cluster.network_interface = values::text_at(config, "network_interface_name", cluster.network_interface, where);
}

void read_variables_into(Cluster& cluster, const Environment& environment, bool has_file) {
  const std::string* hosts = find_variable(environment, "SM_HOSTS");
  const std::string* current = find_variable(environment, "SM_CURRENT_HOST");
  if (hosts != nullptr) {
    const auto list = values::read_list(*hosts);
    if (!list || list->empty()) {
      throw UserError("Expected SM_HOSTS to list the hosts, as [\"algo-1\",\"algo-2\"] does, found {}.",
                      in_quotes(*hosts));
    }
    cluster.hosts = *list;
    if (current == nullptr && !has_file && list->size() == 1) cluster.current_host = list->front();
  }
  if (current != nullptr) {
    cluster.current_host = *current;
    if (hosts == nullptr && !has_file) cluster.hosts = {*current};
  }
}

void check(const Cluster& cluster, const std::string& where) {
  const std::vector<std::string>& hosts = cluster.hosts;
  if (hosts.empty()) throw UserError("Expected at least one host in {}, found none.", where);
  if (hosts.front().empty()) throw UserError("Expected names of hosts in {}, found an empty one.", where);
  const auto twice = std::adjacent_find(hosts.begin(), hosts.end());
  if (twice != hosts.end())
    throw UserError("Expected every host once in {}, found {} twice.", where, in_quotes(*twice));
  if (!std::binary_search(hosts.begin(), hosts.end(), cluster.current_host)) {
    throw UserError("Expected the current host to be one of {} ({}), found {}.", in_quotes(listed(hosts), 200), where,
                    in_quotes(cluster.current_host));
  }
}

}  // namespace

size_t Cluster::rank() const {
  const auto found = std::find(hosts.begin(), hosts.end(), current_host);
  if (found == hosts.end()) throw AlgorithmError("Host {} is not in its own cluster.", in_quotes(current_host));
  return static_cast<size_t>(found - hosts.begin());
}

Cluster read_cluster(const Tree& tree, const Environment& environment) {
  Cluster cluster;
  const std::string where = config_path(tree, kFile);
  const std::optional<json::object> config = read_object(tree, kFile);
  if (config) read_file_into(cluster, *config, where);
  read_variables_into(cluster, environment, config.has_value());
  std::sort(cluster.hosts.begin(), cluster.hosts.end());
  const bool overridden = find_variable(environment, "SM_HOSTS") || find_variable(environment, "SM_CURRENT_HOST");
  check(cluster, overridden ? "SM_HOSTS, SM_CURRENT_HOST and " + where : where);
  return cluster;
}

}  // namespace smlt::platform
