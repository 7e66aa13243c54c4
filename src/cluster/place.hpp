// Room cluster: the ranks of a job: who they are, how they find each other, their collective operations, and the watch
// that ends them together. Knows nothing about networks, data or training.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "platform/cluster.hpp"

namespace smlt::cluster {

/// Which of the job's ranks this process is. Every host has the same number of processes, and rank = the host's place
/// among the sorted hosts * processes + the process's number on its host.
struct Place {
  int rank = 0;
  int size = 1;                                 // hosts * processes
  int local_rank = 0;                           // among the processes of this host
  std::vector<std::string> hosts = {"algo-1"};  // sorted; the first one is the master's, where rank 0 runs
  std::vector<std::string> names = {"algo-1"};  // one per rank: "algo-2", or "algo-2 process 1" with several per host
  std::string interface;                        // the network interface that the platform names; it may not exist
  uint16_t port = platform::kMasterPort;        // of rank 0's store

  const std::string& master() const { return hosts.front(); }
  const std::string& name() const { return names[static_cast<size_t>(rank)]; }
  bool is_one_host() const { return hosts.size() == 1; }
};

/// Throws AlgorithmError unless 0 <= local_rank < processes.
Place place_in(const platform::Cluster& cluster, int processes, int local_rank, uint16_t port = platform::kMasterPort);

}  // namespace smlt::cluster
