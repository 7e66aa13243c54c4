#include "cluster/resolve.hpp"

#include <chrono>
#include <thread>

#include "base/error.hpp"
#include "tests/catch.hpp"

using namespace smlt;
using namespace std::chrono_literals;

namespace {

constexpr cluster::Patience kShort = {1ms, 10ms, 100ms};

cluster::Place place_of(int rank, std::vector<std::string> hosts, std::string interface) {
  cluster::Place place;
  place.rank = rank;
  place.size = static_cast<int>(hosts.size());
  place.hosts = place.names = std::move(hosts);
  place.interface = std::move(interface);
  return place;
}

}  // namespace

TEST_CASE("Names and addresses resolve, IPv4 first", "[cluster]") {
  CHECK(cluster::resolve("127.0.0.7", kShort, {}) == "127.0.0.7");
  CHECK(cluster::resolve("::1", kShort, {}) == "::1");
  CHECK(cluster::resolve("localhost", kShort, {}) == "127.0.0.1");
}

TEST_CASE("A host that never resolves is an error that names it", "[cluster]") {
  CHECK_THROWS_WITH(cluster::resolve("algo-9.invalid", kShort, {}),
                    ContainsSubstring("'algo-9.invalid'") && ContainsSubstring("to have an address"));
}

TEST_CASE("A stop ends the wait for a name", "[cluster]") {
  std::stop_source source;
  const std::jthread stopper([&] { std::this_thread::sleep_for(50ms), source.request_stop(); });
  CHECK_THROWS_WITH(cluster::resolve("algo-9.invalid", {10s, 10s, 1h}, source.get_token()),
                    ContainsSubstring("was stopped while it waited for host 'algo-9.invalid'"));
}

TEST_CASE("The own address is the one that the kernel sends from", "[cluster]") {
  CHECK(cluster::own_address_towards("127.0.0.1") == "127.0.0.1");
  CHECK(cluster::own_address_towards("127.0.0.9") == "127.0.0.1");
  CHECK_FALSE(cluster::own_address_towards("algo-1"));
}

TEST_CASE("An interface is believed only if it exists", "[cluster]") {
  CHECK(cluster::address_of_interface("lo") == "127.0.0.1");
  CHECK_FALSE(cluster::address_of_interface("ethwe"));
  CHECK_FALSE(cluster::address_of_interface(""));
}

TEST_CASE("One host needs no names", "[cluster]") {
  const cluster::Addresses found = cluster::find_addresses(place_of(0, {"algo-1.invalid"}, "ethwe"), kShort, {});
  CHECK(found.master == "127.0.0.1");
  CHECK(found.own == "127.0.0.1");
}

TEST_CASE("Hosts on one machine may be addresses of its loopback", "[cluster]") {
  for (const int rank : {0, 1}) {
    const cluster::Addresses found =
        cluster::find_addresses(place_of(rank, {"127.0.0.1", "127.0.0.2"}, "ethwe"), kShort, {});
    CHECK(found.master == "127.0.0.1");
    CHECK(found.own == "127.0.0.1");
  }
}

TEST_CASE("If the route leads nowhere, the named interface tells the address", "[cluster]") {
  const std::vector<std::string> hosts = {"127.0.0.1", "255.255.255.255"};  // to which no socket connects
  CHECK(cluster::find_addresses(place_of(0, hosts, "lo"), kShort, {}).own == "127.0.0.1");
  CHECK_THROWS_WITH(cluster::find_addresses(place_of(0, hosts, "ethwe"), kShort, {}),
                    ContainsSubstring("found no route to it"));
}
