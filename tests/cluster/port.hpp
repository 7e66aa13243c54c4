#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <random>
#include <stdexcept>

namespace smlt::tests {

/// Listens on a port that nobody else uses.
class Listener {
 public:
  explicit Listener(uint16_t& port) : fd_(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    if (fd_ < 0) throw std::runtime_error("no socket of IPv6 can be had here");
    std::random_device random;
    sockaddr_in6 address = {};
    address.sin6_family = AF_INET6;
    do {  // below the ports that the kernel gives to connections, which might take it before it is used
      port = static_cast<uint16_t>(std::uniform_int_distribution(20'000, 32'000)(random));
      address.sin6_port = htons(port);
    } while (::bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0);
    ::listen(fd_, 1);
  }
  ~Listener() { ::close(fd_); }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  int fd() const { return fd_; }

 private:
  int fd_;
};

inline uint16_t free_port() {
  uint16_t port = 0;
  const Listener listener(port);
  return port;
}

}  // namespace smlt::tests
