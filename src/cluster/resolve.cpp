#include "cluster/resolve.hpp"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

#include "base/error.hpp"
#include "base/text.hpp"
#include "cluster/pause.hpp"

namespace smlt::cluster {
namespace {

using AddressList = std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)>;

AddressList look_up(const std::string& host, int flags, int& error) {
  addrinfo hints = {};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_DGRAM;
  hints.ai_flags = flags;
  addrinfo* found = nullptr;
  error = ::getaddrinfo(host.c_str(), "9", &hints, &found);  // the port, discard, is never used
  return {error == 0 ? found : nullptr, &::freeaddrinfo};
}

// Without the scope of an IPv6 address, which means nothing to other hosts.
std::optional<std::string> numeric(const sockaddr* address) {
  std::array<char, INET6_ADDRSTRLEN> text = {};
  const void* bytes = nullptr;
  if (address->sa_family == AF_INET) bytes = &reinterpret_cast<const sockaddr_in*>(address)->sin_addr;
  if (address->sa_family == AF_INET6) bytes = &reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr;
  if (bytes == nullptr || ::inet_ntop(address->sa_family, bytes, text.data(), text.size()) == nullptr) return {};
  return text.data();
}

std::optional<std::string> address_in(const AddressList& list) {
  for (const int family : {AF_INET, AF_INET6}) {
    for (const addrinfo* each = list.get(); each != nullptr; each = each->ai_next) {
      if (each->ai_family == family) return numeric(each->ai_addr);
    }
  }
  return {};
}

bool is_usable(const ifaddrs& entry, const std::string& interface, int family) {
  if (entry.ifa_addr == nullptr || entry.ifa_addr->sa_family != family || interface != entry.ifa_name) return false;
  if ((entry.ifa_flags & IFF_UP) == 0) return false;
  const auto* v6 = reinterpret_cast<const sockaddr_in6*>(entry.ifa_addr);
  return family != AF_INET6 || !IN6_IS_ADDR_LINKLOCAL(&v6->sin6_addr);
}

}  // namespace

std::string resolve(const std::string& host, const Patience& patience, const std::stop_token& stop) {
  const auto end = std::chrono::steady_clock::now() + patience.give_up;
  for (auto delay = patience.first_delay;; delay = std::min(2 * delay, patience.longest_delay)) {
    int error = 0;
    if (const auto address = address_in(look_up(host, 0, error))) return *address;
    if (std::chrono::steady_clock::now() + delay > end) {
      throw PlatformError("Expected the name of host {} to have an address within {} s, found none ({}).",
                          in_quotes(host), std::chrono::duration_cast<std::chrono::seconds>(patience.give_up).count(),
                          ::gai_strerror(error));
    }
    if (pause(stop, delay)) throw PlatformError("The job was stopped while it waited for host {}.", in_quotes(host));
  }
}

std::optional<std::string> own_address_towards(const std::string& address) {
  int error = 0;
  const AddressList target = look_up(address, AI_NUMERICHOST, error);
  if (!target) return {};
  const int fd = ::socket(target->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return {};
  sockaddr_storage own = {};
  socklen_t length = sizeof own;
  auto* const place = reinterpret_cast<sockaddr*>(&own);
  const bool found = ::connect(fd, target->ai_addr, target->ai_addrlen) == 0 && ::getsockname(fd, place, &length) == 0;
  ::close(fd);
  return found ? numeric(place) : std::nullopt;
}

std::optional<std::string> address_of_interface(const std::string& interface) {
  ifaddrs* all = nullptr;
  if (::getifaddrs(&all) != 0) return {};
  const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> owner(all, &::freeifaddrs);
  for (const int family : {AF_INET, AF_INET6}) {
    for (const ifaddrs* each = all; each != nullptr; each = each->ifa_next) {
      if (is_usable(*each, interface, family)) return numeric(each->ifa_addr);
    }
  }
  return {};
}

bool is_loopback(const std::string& address) { return address.starts_with("127.") || address == "::1"; }

Addresses find_addresses(const Place& place, const Patience& patience, const std::stop_token& stop) {
  if (place.is_one_host()) return {"127.0.0.1", "127.0.0.1"};
  const bool is_master = place.rank < place.size / static_cast<int>(place.hosts.size());
  const std::string other = resolve(is_master ? place.hosts[1] : place.master(), patience, stop);
  std::optional<std::string> own = own_address_towards(other);
  if (!own || (is_loopback(*own) && !is_loopback(other))) own = address_of_interface(place.interface);
  if (!own) {
    throw PlatformError("Expected a network that reaches host {} at {}, found no route to it.",
                        in_quotes(is_master ? place.hosts[1] : place.master()), other);
  }
  return {is_master ? *own : other, *own};
}

}  // namespace smlt::cluster
