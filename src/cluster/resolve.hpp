#pragma once

#include <optional>
#include <stop_token>
#include <string>

#include "cluster/limits.hpp"
#include "cluster/place.hpp"

namespace smlt::cluster {

/// The numeric address of a host, IPv4 if it has one, otherwise IPv6. Tries again until the name is known. Throws
/// PlatformError with the name if that takes too long or a stop is requested.
std::string resolve(const std::string& host, const Patience& patience, const std::stop_token& stop);

/// The address that this machine sends from to a numeric address; nullopt if there is no route. Sends nothing.
std::optional<std::string> own_address_towards(const std::string& address);

/// The address of a network interface, IPv4 if it has one, otherwise IPv6 (not a link-local one); nullopt if there is
/// no such interface: the platform's files may name one that does not exist (`ethwe`).
std::optional<std::string> address_of_interface(const std::string& interface);

/// Whether an address reaches only this machine (127.0.0.0/8, ::1).
bool is_loopback(const std::string& address);

/// Where rank 0's store is reached, and by which address the other ranks reach this process.
struct Addresses {
  std::string master;
  std::string own;
};

/// With one host: the loopback address. Otherwise a rank's own address is the one that it reaches the master with, and
/// that of the master's ranks the one that they reach the second host with: a host's own name does not tell, because
/// /etc/hosts may map it to a loopback address. If the route says nothing, the address of the named interface. Throws
/// PlatformError if a host cannot be found.
Addresses find_addresses(const Place& place, const Patience& patience, const std::stop_token& stop);

}  // namespace smlt::cluster
