#pragma once

#include <cstdint>
#include <stop_token>
#include <string>
#include <torch/csrc/distributed/c10d/Store.hpp>
#include <vector>

#include "cluster/resolve.hpp"

namespace smlt::cluster {

/// A connection to the key-value store in which ranks find each other; rank 0's process serves it on the place's port
/// for as long as the object lives if `serve` is set. Otherwise waits until somebody does. Throws PlatformError if the
/// port is taken, or if nobody serves it in time or a stop is requested.
/// From now on this process knows only the names in /etc/hosts: resolve others before.
c10::intrusive_ptr<c10d::Store> open_store(const Place& place, const std::string& master, bool serve,
                                           const Patience& patience, const std::stop_token& stop);

/// A value of the store.
inline std::string text_of(const std::vector<uint8_t>& bytes) { return {bytes.begin(), bytes.end()}; }

}  // namespace smlt::cluster
