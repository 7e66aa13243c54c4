#include "cluster/links.hpp"

#include <dirent.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <memory>
#include <vector>

namespace smlt::cluster {
namespace {

std::vector<int> open_descriptors() {
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir("/proc/self/fd"), &::closedir);
  std::vector<int> descriptors;
  while (const dirent* entry = folder ? ::readdir(folder.get()) : nullptr) {
    int fd = -1;
    if (std::from_chars(entry->d_name, entry->d_name + std::strlen(entry->d_name), fd).ec == std::errc()) {
      descriptors.push_back(fd);
    }
  }
  return descriptors;
}

void set(int fd, int level, int name, int value) { ::setsockopt(fd, level, name, &value, sizeof value); }

uint16_t port_of(const sockaddr_storage& address) {
  if (address.ss_family == AF_INET) return ntohs(reinterpret_cast<const sockaddr_in*>(&address)->sin_port);
  return ntohs(reinterpret_cast<const sockaddr_in6*>(&address)->sin6_port);
}

bool uses_port(int fd, uint16_t port) {
  sockaddr_storage own = {}, peer = {};
  socklen_t own_size = sizeof own, peer_size = sizeof peer;
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&own), &own_size);
  ::getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &peer_size);
  return port_of(own) == port || port_of(peer) == port;
}

// The kernel counts keep-alive probes in neither number.
uint64_t moved_bytes(const tcp_info& info) { return info.tcpi_bytes_acked + info.tcpi_bytes_received; }

void bound(int fd, std::chrono::milliseconds silence) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(silence).count();
  const int probe = static_cast<int>(std::max<int64_t>(seconds / 4, 1));
  set(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
  set(fd, IPPROTO_TCP, TCP_KEEPIDLE, probe);
  set(fd, IPPROTO_TCP, TCP_KEEPINTVL, probe);
  set(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, static_cast<int>(silence.count()));
}

}  // namespace

uint64_t bound_links(std::chrono::milliseconds silence, uint16_t store_port) {
  uint64_t moved = 0;
  for (const int fd : open_descriptors()) {
    tcp_info info = {};
    socklen_t size = sizeof info;
    if (::getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) continue;  // not a TCP connection
    bound(fd, silence);
    if (!uses_port(fd, store_port)) moved += moved_bytes(info);
  }
  return moved;
}

}  // namespace smlt::cluster
