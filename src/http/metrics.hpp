#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "http/histogram.hpp"

namespace smlt::http {

/// What the server counts. Used only by the input/output thread.
struct Metrics {
  struct Path {
    std::string name;                  // "/ping"; "other" for all paths that are not offered
    std::map<int, uint64_t> statuses;  // answers by status
    Histogram durations;               // from a request's first bytes to its response
  };
  std::vector<Path> paths;
  uint64_t connections_accepted = 0;
  uint64_t connections_refused = 0;  // closed for lack of room
  size_t connections_open = 0;
  size_t requests_in_flight = 0;  // passed to a handler and not yet answered
  size_t body_bytes = 0;          // held for requests that are being received or answered

  /// Prometheus' text format, with the resident memory of the process.
  std::string lines() const;
};

/// Resident memory of this process in bytes; 0 without /proc.
size_t resident_memory();

}  // namespace smlt::http
