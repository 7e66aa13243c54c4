#pragma once

#include <chrono>
#include <cstdint>

namespace smlt::cluster {

/// Makes the kernel close each TCP connection of this process whose other side has not acknowledged anything for
/// `silence`, although data or a keep-alive probe waits for it (TCP_USER_TIMEOUT, tcp(7)): whoever uses the connection
/// then gets an error instead of waiting for ever. A shorter cut costs nothing, because the data is sent again. Returns
/// the bytes that the other sides have acknowledged and sent, over all connections but those from or to `store_port`.
///
/// To be called again and again: gloo and NCCL open their connections themselves and give no access to them. A training
/// process has no others.
uint64_t bound_links(std::chrono::milliseconds silence, uint16_t store_port);

}  // namespace smlt::cluster
