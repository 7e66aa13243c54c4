#include "cluster/links.hpp"

#include <linux/tcp.h>

#include <string>

#include "tests/catch.hpp"
#include "tests/cluster/port.hpp"

using namespace smlt;
using namespace std::chrono_literals;

namespace {

// A connection of this process with itself.
struct Pair {
  uint16_t port = 0;
  tests::Listener listener{port};
  int near = ::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int far = -1;

  Pair() {
    sockaddr_in6 address = {};
    address.sin6_family = AF_INET6;
    address.sin6_addr = in6addr_loopback;
    address.sin6_port = htons(port);
    ::connect(near, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    far = ::accept(listener.fd(), nullptr, nullptr);
  }
  ~Pair() { ::close(near), ::close(far); }
};

int option(int fd, int level, int name) {
  int value = -1;
  socklen_t size = sizeof value;
  ::getsockopt(fd, level, name, &value, &size);
  return value;
}

void send(const Pair& pair, size_t size) {
  const std::string text(size, 'x');
  std::string back(size, ' ');
  REQUIRE(::send(pair.near, text.data(), size, 0) == static_cast<ssize_t>(size));
  REQUIRE(::recv(pair.far, back.data(), size, MSG_WAITALL) == static_cast<ssize_t>(size));
}

}  // namespace

TEST_CASE("Every connection gets a limit", "[cluster]") {
  const Pair pair;
  cluster::bound_links(12s, 1);
  for (const int fd : {pair.near, pair.far}) {
    CHECK(option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT) == 12'000);
    CHECK(option(fd, SOL_SOCKET, SO_KEEPALIVE) == 1);
    CHECK(option(fd, IPPROTO_TCP, TCP_KEEPIDLE) == 3);
  }
}

TEST_CASE("Bytes count at both ends, except those of the store", "[cluster]") {
  const Pair pair;
  const uint64_t before = cluster::bound_links(20s, 1), without = cluster::bound_links(20s, pair.port);
  send(pair, 1000);
  CHECK(cluster::bound_links(20s, 1) == before + 2000);
  CHECK(cluster::bound_links(20s, pair.port) == without);
}
