#include "http/metrics.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <fstream>
#include <string_view>

namespace smlt::http {
namespace {

std::string header(std::string_view name, std::string_view type, std::string_view help) {
  return fmt::format("# HELP {0} {2}\n# TYPE {0} {1}\n", name, type, help);
}

std::string single(std::string_view name, std::string_view type, std::string_view help, uint64_t value) {
  return header(name, type, help) + fmt::format("{} {}\n", name, value);
}

}  // namespace

std::string Metrics::lines() const {
  std::string out = header("smlt_http_requests_total", "counter", "Requests answered.");
  for (const Path& path : paths) {
    for (const auto& [status, count] : path.statuses) {
      out += fmt::format("smlt_http_requests_total{{path=\"{}\",status=\"{}\"}} {}\n", path.name, status, count);
    }
  }
  out += header("smlt_http_request_seconds", "histogram", "From a request's first bytes to its response.");
  for (const Path& path : paths) {
    if (!path.statuses.empty())
      out += path.durations.lines("smlt_http_request_seconds", fmt::format("path=\"{}\"", path.name));
  }
  out += single("smlt_http_requests_in_flight", "gauge", "Requests handed over, not answered.", requests_in_flight);
  out += single("smlt_http_connections", "gauge", "Connections open.", connections_open);
  out += single("smlt_http_connections_accepted_total", "counter", "Connections accepted.", connections_accepted);
  out += single("smlt_http_connections_refused_total", "counter", "Closed for want of room.", connections_refused);
  out += single("smlt_http_body_bytes", "gauge", "Memory that bodies of requests take.", body_bytes);
  out += single("process_resident_memory_bytes", "gauge", "Resident memory.", resident_memory());
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
