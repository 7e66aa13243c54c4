#include "serve_job.hpp"

#include <memory>
#include <utility>

#include "device/device.hpp"
#include "serve/endpoint.hpp"

namespace smlt {

Endpoint serve_job(const ServeRequest& request, Output& log) {
  const config::Endpoint& settings = request.settings;
  const device::DeviceChoice device = device::choose_device(settings.device, settings.num_gpus);
  if (!device.note.empty()) log.line(device.note);
  const auto endpoint = std::make_shared<serve::Endpoint>(request.model_directory, settings, device.device, log);
  return {[endpoint](http::Request invocation, http::Reply reply) {
            endpoint->invoke(std::move(invocation), std::move(reply));
          },
          [endpoint] { return endpoint->metrics(); }};
}

}  // namespace smlt
