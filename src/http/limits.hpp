#pragma once

#include <chrono>
#include <cstddef>

namespace smlt::http {

/// What a server allows its clients. Sizes are bytes.
struct Limits {
  size_t max_head = 16 << 10;             // request line and headers, and trailers of a chunked body: 431 beyond
  size_t max_body = 25 << 20;             // of one request: 413 beyond
  size_t max_buffered = size_t{1} << 30;  // bodies of all requests that are being received or answered: 503 beyond
  size_t part = 256 << 10;                // of a body answered in parts: how much one part has at least, if more came
  size_t open_parts = 4;                  // of a body that wait for their answers at once
  size_t max_unsent = 4 << 20;            // of an answer in parts: beyond it nothing more of the body is read
  size_t max_connections = 16384;         // the one that has been idle longest makes room for a new one

  std::chrono::milliseconds answer{60'000};   // from a handler: 504 after
  std::chrono::milliseconds idle{120'000};    // between two requests of a connection
  std::chrono::milliseconds receive{15'000};  // for a head, and for a body beyond what `slowest` allows: 408 after
  std::chrono::milliseconds deaf{2'000};      // a client that takes nothing for so long may want to send all first
  std::chrono::milliseconds linger{10'000};   // for a client to read the last answer and hang up
  std::chrono::milliseconds tick{250};        // how often the above are checked
  size_t slowest = 16 << 10;  // bytes per second, on average, at which a body must arrive and a response be taken
};

}  // namespace smlt::http
