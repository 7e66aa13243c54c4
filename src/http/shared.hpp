#pragma once

#include <array>
#include <list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "http/budget.hpp"
#include "http/date.hpp"
#include "http/limits.hpp"
#include "http/metrics.hpp"
#include "http/outbox.hpp"
#include "http/request_log.hpp"
#include "http/route.hpp"

namespace smlt::http {

using Connections = std::list<std::shared_ptr<Connection>>;  // longest since its last request first

/// What all connections of a server share. Used only by the input/output thread, except for the outbox, the log and the
/// budget, which any thread may use.
struct Shared {
  Shared(const Limits& granted, std::vector<Route> offered, bool all, Output& output)
      : limits(granted), routes(std::move(offered)), logs_all(all), log(output) {}

  const Limits limits;
  const std::vector<Route> routes;
  const bool logs_all;  // every request; otherwise errors and those with an Inference-Id
  RequestLog log;
  std::shared_ptr<Budget> budget = std::make_shared<Budget>(limits.max_buffered);
  std::shared_ptr<Outbox> outbox;
  Metrics metrics;
  Connections connections;
  bool draining = false;
  Date date;
  std::string head;                       // of the response being written
  std::array<char, 256 << 10> scratch{};  // holds parts of a large body before they are appended to it
};

}  // namespace smlt::http
