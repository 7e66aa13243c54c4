#include "serve_job.hpp"

#include <memory>
#include <utility>

#include "serve/endpoint.hpp"

namespace smlt {

Endpoint serve_job(const ServeRequest& request, Output& log) {
  const auto endpoint = std::make_shared<serve::Endpoint>(request.model_directory, request.settings, log);
  return {[endpoint](http::Request invocation, http::Reply reply) {
            endpoint->invoke(std::move(invocation), std::move(reply));
          },
          [endpoint] { return endpoint->metrics(); }};
}

}  // namespace smlt
