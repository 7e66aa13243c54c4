#include "cluster/place.hpp"

#include "base/error.hpp"
#include "tests/catch.hpp"

using namespace smlt;

namespace {

platform::Cluster three_hosts(const std::string& current) {
  platform::Cluster cluster;
  cluster.hosts = {"algo-1", "algo-2", "algo-3"};
  cluster.current_host = current;
  return cluster;
}

}  // namespace

TEST_CASE("With one process per host, ranks are the sorted hosts", "[cluster]") {
  const cluster::Place place = cluster::place_in(three_hosts("algo-2"), 1, 0);
  CHECK(place.rank == 1);
  CHECK(place.size == 3);
  CHECK(place.names == std::vector<std::string>{"algo-1", "algo-2", "algo-3"});
  CHECK(place.master() == "algo-1");
  CHECK(place.name() == "algo-2");
  CHECK(place.port == 7777);
}

TEST_CASE("With several processes per host, a host's ranks follow each other", "[cluster]") {
  const cluster::Place place = cluster::place_in(three_hosts("algo-3"), 2, 1, 7000);
  CHECK(place.rank == 5);
  CHECK(place.size == 6);
  CHECK(place.local_rank == 1);
  CHECK(place.name() == "algo-3 process 1");
  CHECK(place.names[0] == "algo-1 process 0");
  CHECK(place.port == 7000);
  CHECK_THROWS_AS(cluster::place_in(three_hosts("algo-3"), 2, 2), AlgorithmError);
}
