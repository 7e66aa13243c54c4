#pragma once

#include <functional>
#include <string>
#include <vector>

#include "engine/engine.hpp"
#include "http/route.hpp"

namespace smlt {

/// The paths of an endpoint (platform 14), which say that the model is being loaded until `open` is called. Used only
/// on the server's input/output thread; outlives the server.
class EndpointRoutes {
 public:
  explicit EndpointRoutes(const settings::Endpoint& settings) : settings_(settings) {}

  /// `server_metrics` gives the server's own lines of /metrics.
  std::vector<http::Route> routes(std::function<std::string()> server_metrics);

  void open(Endpoint endpoint);

 private:
  std::optional<http::Response> not_ready() const;
  http::Response ping() const;
  http::Response execution_parameters() const;

  settings::Endpoint settings_;
  Endpoint endpoint_;
  bool ready_ = false;
};

}  // namespace smlt
