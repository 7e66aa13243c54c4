#include "program/endpoint_routes.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "base/json.hpp"
#include "http/problem.hpp"

namespace smlt {
namespace {

constexpr size_t kLargestRequest = 64 << 10;     // to load a model
constexpr std::chrono::seconds kLoadLimit{350};  // the platform gives up after 360 s (platform 14.11)

// A handler that answers at once.
http::Handler at_once(std::function<http::Response()> response) {
  return [response = std::move(response)](const http::Request&, const http::Reply& reply) { reply(response()); };
}

}  // namespace

std::optional<http::Response> EndpointRoutes::not_ready() const {
  if (ready_) return std::nullopt;
  return http::try_again_later("loading", "The model is being loaded; try again in a second.");
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
  const auto takes_parts = [this](http::Request& head) { return endpoint_.takes_parts(head); };
  const auto refusal = [this] { return not_ready(); };
  std::vector<http::Route> routes = {
      {"/ping", {"GET"}, at_once([this] { return ping(); }), {}, /*logged=*/false},
      {"/metrics", {"GET"}, at_once(metrics), {}, /*logged=*/false},
      {"/execution-parameters", {"GET"}, at_once([this] { return execution_parameters(); })},
  };
  if (!settings_.multi_model) {
    routes.push_back({"/invocations", {"POST"}, invoke, refusal, /*logged=*/true, takes_parts});
    return routes;
  }
  const auto models = [this](http::Request request, http::Reply reply) {
    endpoint_.models(std::move(request), std::move(reply));
  };
  const auto model = [this](http::Request request, http::Reply reply) {
    endpoint_.model(std::move(request), std::move(reply));
  };
  routes.push_back({"/models", {"GET", "POST"}, models, refusal, /*logged=*/true, {}, kLoadLimit, kLargestRequest});
  routes.push_back(
      {"/models/{name}", {"GET", "DELETE"}, model, refusal, /*logged=*/true, {}, kLoadLimit, kLargestRequest});
  routes.push_back({"/models/{name}/invoke", {"POST"}, invoke, refusal, /*logged=*/true, takes_parts});
  return routes;
}

void EndpointRoutes::open(Endpoint endpoint) {
  endpoint_ = std::move(endpoint);
  ready_ = true;
}

}  // namespace smlt
