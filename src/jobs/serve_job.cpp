#include "jobs/serve_job.hpp"

#include <utility>

#include "device/device.hpp"
#include "jobs/native_net.hpp"
#include "serve/endpoint.hpp"

namespace smlt {

Endpoint serve_job(const ServeRequest& request, Output& log) {
  const settings::Endpoint& settings = request.settings;
  const device::DeviceChoice device = device::choose_device(settings.device, settings.num_gpus);
  if (!device.note.empty()) log.line(device.note);
  // Never destroyed: the process ends with _exit, whatever still runs, and a failed GPU frees nothing.
  auto* const endpoint = new serve::Endpoint(request.model_directory, settings, device.device, log,  // NOLINT
                                             request.on_lost_device, native_net);
  return {[endpoint](http::Request invocation, http::Reply reply) {
            endpoint->invoke(std::move(invocation), std::move(reply));
          },
          [endpoint] { return endpoint->metrics(); }};
}

}  // namespace smlt
