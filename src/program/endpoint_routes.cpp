#include "program/endpoint_routes.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "base/json.hpp"
#include "http/problem.hpp"

namespace smlt {
namespace {

// A handler that answers at once.
http::Handler at_once(std::function<http::Response()> response) {
  return [response = std::move(response)](const http::Request&, const http::Reply& reply) { reply(response()); };
}

}  // namespace

std::optional<http::Response> EndpointRoutes::not_ready() const {
  if (ready_) return std::nullopt;
  http::Response response = http::problem(503, "loading", "The model is being loaded; try again in a second.");
  response.headers.emplace_back("Retry-After", "1");
  return response;
}

http::Response EndpointRoutes::ping() const { return not_ready().value_or(http::Response{}); }

// How a batch transform job sends requests unless told otherwise. No BatchStrategy: both SDKs' local mode refuses the
// spelling that the service documents (platform 14.6). The product of the two is at most 100.
http::Response EndpointRoutes::execution_parameters() const {
  constexpr int64_t kUsualMegabytes = 6;
  constexpr int64_t kMostTogether = 100;
  const int64_t megabytes = std::min(kUsualMegabytes, settings_.max_body >> 20);
  const int64_t together = std::clamp<int64_t>(int64_t{2} * settings_.workers, 1, kMostTogether / megabytes);
  const boost::json::object body = {{"MaxConcurrentTransforms", together}, {"MaxPayloadInMB", megabytes}};
  return {200, "application/json", {}, compact(body)};
}

std::vector<http::Route> EndpointRoutes::routes(std::function<std::string()> server_metrics) {
  const auto metrics = [this, server_metrics = std::move(server_metrics)] {
    const std::string model = ready_ && endpoint_.metrics ? endpoint_.metrics() : "";
    return http::Response{200, "text/plain; version=0.0.4", {}, server_metrics() + model};
  };
  const auto invoke = [this](http::Request request, http::Reply reply) {
    endpoint_.invoke(std::move(request), std::move(reply));
  };
  const auto takes_parts = [this](const http::Request& head) { return endpoint_.takes_parts(head); };
  return {
      {"/ping", {"GET"}, at_once([this] { return ping(); }), {}, /*logged=*/false},
      {"/invocations", {"POST"}, invoke, [this] { return not_ready(); }, /*logged=*/true, takes_parts},
      {"/metrics", {"GET"}, at_once(metrics)},
      {"/execution-parameters", {"GET"}, at_once([this] { return execution_parameters(); })},
  };
}

void EndpointRoutes::open(Endpoint endpoint) {
  endpoint_ = std::move(endpoint);
  ready_ = true;
}

}  // namespace smlt
