#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "platform/tree.hpp"

namespace smlt::platform {

/// Where the ranks of a job find each other, on its first host, as in AWS's own images (platform 3).
inline constexpr uint16_t kMasterPort = 7777;

/// The hosts of the job (resourceconfig.json, platform 3). Every key but current_host and hosts is optional.
struct Cluster {
  struct Group {
    std::string name;
    std::string instance_type;
    std::vector<std::string> hosts;  // as listed; the platform does not sort them
  };

  std::vector<std::string> hosts = {"algo-1"};  // sorted, so that every host computes the same ranks
  std::string current_host = "algo-1";
  std::string instance_type = "local";
  std::string group_name = "homogeneousCluster";
  std::vector<Group> groups;
  std::string network_interface = "eth0";  // as the file says; it may not exist

  size_t rank() const;  // of current_host in hosts
  size_t size() const { return hosts.size(); }
};

/// SM_HOSTS and SM_CURRENT_HOST replace what the file says. An absent file means one host. Throws UserError if the file
/// cannot be understood or current_host is not one of the hosts.
Cluster read_cluster(const Tree& tree, const Environment& environment);

}  // namespace smlt::platform
