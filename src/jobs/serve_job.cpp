#include "jobs/serve_job.hpp"

#include <utility>

#include "base/error.hpp"
#include "base/text.hpp"
#include "device/device.hpp"
#include "jobs/native_net.hpp"
#include "serve/endpoint.hpp"
#include "serve/model_place.hpp"
#include "serve/model_table.hpp"

namespace smlt {
namespace {

// Never destroyed: the process ends with _exit, whatever still runs, and a failed GPU frees nothing.
template <typename Served>
Endpoint endpoint_of(Served* served) {
  return {[served](http::Request request, http::Reply reply) { served->invoke(std::move(request), std::move(reply)); },
          [served] { return served->metrics(); }, [served](http::Request& head) { return served->takes_parts(head); }};
}

Endpoint endpoint_of_many(serve::ModelTable* table) {
  Endpoint endpoint = endpoint_of(table);
  endpoint.models = [table](const http::Request& request, const http::Reply& reply) {
    request.method == "POST" ? table->load(request, reply) : reply(table->list(request));
  };
  endpoint.model = [table](const http::Request& request, const http::Reply& reply) {
    request.method == "DELETE" ? table->unload(request, reply) : reply(table->show(request));
  };
  return endpoint;
}

}  // namespace

Endpoint serve_job(const ServeRequest& request, Output& log) {
  const settings::Endpoint& settings = request.settings;
  const device::DeviceChoice device = device::choose_device(settings.device, settings.num_gpus);
  if (settings.bfloat16 && !device.device.is_cpu()) {
    throw UserError(
        "Expected to predict on a processor for --precision bf16, found a GPU; set --device cpu, or leave --precision "
        "out.");
  }
  if (!device.note.empty()) log.line(device.note);
  if (settings.multi_model) {
    return endpoint_of_many(new serve::ModelTable(request.model_directory, settings, device.device, log,
                                                  request.on_lost_device, native_net));
  }
  const std::filesystem::path directory = serve::place_of_model(request.model_directory);
  if (directory != request.model_directory) {
    log.line("There is no model in {}: serving the one in {}.", in_quotes(request.model_directory.native(), 200),
             in_quotes(directory.native(), 200));
  }
  return endpoint_of(new serve::Endpoint(directory, settings, device.device, log, request.on_lost_device, native_net));
}

}  // namespace smlt
