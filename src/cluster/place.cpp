#include "cluster/place.hpp"

#include "base/error.hpp"

namespace smlt::cluster {
namespace {

std::vector<std::string> names_of(const std::vector<std::string>& hosts, int processes) {
  std::vector<std::string> names;
  for (const std::string& host : hosts) {
    for (int i = 0; i < processes; ++i) names.push_back(processes == 1 ? host : fmt::format("{} process {}", host, i));
  }
  return names;
}

}  // namespace

Place place_in(const platform::Cluster& cluster, int processes, int local_rank, uint16_t port) {
  if (local_rank < 0 || local_rank >= processes) {
    throw AlgorithmError("Expected a process number below {}, found {}.", processes, local_rank);
  }
  Place place;
  place.rank = static_cast<int>(cluster.rank()) * processes + local_rank;
  place.size = static_cast<int>(cluster.size()) * processes;
  place.local_rank = local_rank;
  place.hosts = cluster.hosts;
  place.names = names_of(cluster.hosts, processes);
  place.interface = cluster.network_interface;
  place.port = port;
  return place;
}

}  // namespace smlt::cluster
