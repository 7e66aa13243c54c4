#include "jobs/serve_job.hpp"

#include <utility>

#include "base/text.hpp"
#include "device/device.hpp"
#include "jobs/native_net.hpp"
#include "serve/endpoint.hpp"
#include "serve/model_place.hpp"

namespace smlt {

Endpoint serve_job(const ServeRequest& request, Output& log) {
  const settings::Endpoint& settings = request.settings;
  const device::DeviceChoice device = device::choose_device(settings.device, settings.num_gpus);
  if (!device.note.empty()) log.line(device.note);
  const std::filesystem::path directory = serve::place_of_model(request.model_directory);
  if (directory != request.model_directory) {
    log.line("There is no model in {}: serving the one in {}.", in_quotes(request.model_directory.native(), 200),
             in_quotes(directory.native(), 200));
  }
  // Never destroyed: the process ends with _exit, whatever still runs, and a failed GPU frees nothing.
  auto* const endpoint = new serve::Endpoint(directory, settings, device.device, log,  // NOLINT
                                             request.on_lost_device, native_net);
  return {[endpoint](http::Request invocation, http::Reply reply) {
            endpoint->invoke(std::move(invocation), std::move(reply));
          },
          [endpoint] { return endpoint->metrics(); }};
}

}  // namespace smlt
