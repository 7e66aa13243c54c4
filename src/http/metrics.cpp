#include "http/metrics.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <fstream>

#include "http/prometheus.hpp"

namespace smlt::http {

std::string Metrics::lines() const {
  std::string out = metric_header("smlt_http_requests_total", "counter", "Requests answered.");
  for (const Path& path : paths) {
    for (const auto& [status, count] : path.statuses) {
      out += fmt::format("smlt_http_requests_total{{path=\"{}\",status=\"{}\"}} {}\n", path.name, status, count);
    }
  }
  out += metric_header("smlt_http_request_seconds", "histogram", "From a request's first bytes to its response.");
  for (const Path& path : paths) {
    if (!path.statuses.empty())
      out += path.durations.lines("smlt_http_request_seconds", fmt::format("path=\"{}\"", path.name));
  }
  out += metric("smlt_http_requests_in_flight", "gauge", "Requests handed over, not answered.",
                std::to_string(requests_in_flight));
  out += metric("smlt_http_connections", "gauge", "Connections open.", std::to_string(connections_open));
  out += metric("smlt_http_connections_accepted_total", "counter", "Connections accepted.",
                std::to_string(connections_accepted));
  out += metric("smlt_http_connections_refused_total", "counter", "Closed for want of room.",
                std::to_string(connections_refused));
  out += metric("smlt_http_body_bytes", "gauge", "Memory that bodies of requests take.", std::to_string(body_bytes));
  out += metric("process_resident_memory_bytes", "gauge", "Resident memory.", std::to_string(resident_memory()));
  return out;
}

size_t resident_memory() {
  std::ifstream file("/proc/self/statm");
  size_t all = 0;
  size_t resident = 0;
  file >> all >> resident;
  return resident * static_cast<size_t>(::sysconf(_SC_PAGESIZE));
}

}  // namespace smlt::http
