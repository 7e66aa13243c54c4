#include "serve/host.hpp"

#include <fmt/format.h>

#include <utility>

#include "base/error.hpp"
#include "http/problem.hpp"
#include "http/prometheus.hpp"
#include "serve/form.hpp"
#include "serve/refusal.hpp"

namespace smlt::serve {
namespace {

const settings::Endpoint& checked(const settings::Endpoint& settings) {
  try {
    form_of({}, BodyType::kJson, settings);
    return settings;
  } catch (const Refusal& e) {
    throw UserError("Setting default-accept does not fit: {}", e.what());
  }
}

// With many models, the backlog of one must leave room for the bodies of the others.
QueueLimits queue_limits(const settings::Endpoint& settings) {
  QueueLimits limits{.jobs = static_cast<size_t>(settings.queue_size),
                     .workers = static_cast<size_t>(settings.workers),
                     .delay = settings.batch_delay};
  if (settings.multi_model) limits.bytes = static_cast<size_t>(settings.max_buffered) / 2;
  return limits;
}

}  // namespace

Host::Host(const settings::Endpoint& settings, c10::Device device,
           std::function<void(std::exception_ptr)> on_lost_device, NetOf net_of)
    : settings_(checked(settings)),
      device_(device),
      on_lost_device_(std::move(on_lost_device)),
      net_of_(std::move(net_of)),
      queue_(queue_limits(settings)),
      workers_(queue_, settings.workers, /*with_reserve=*/settings.multi_model) {}

LoadOptions Host::load_options() const {
  const int with_reserve = settings_.workers + (settings_.multi_model ? 1 : 0);
  return {.device = device_,
          .bfloat16 = settings_.bfloat16,
          .compiled = settings_.compiled,
          .workers = with_reserve,
          .rows = settings_.batch_size,
          .net_of = net_of_};
}

std::string Host::metrics(int64_t weight_bytes, double difference) const {
  const std::string text = meter_.text(queue_.size(), weight_bytes);
  if (!settings_.bfloat16) return text;
  return text + http::metric("smlt_precision_largest_difference", "gauge",
                             "Largest difference between fp32 and bf16 in the probes of a model.",
                             fmt::format("{:.6g}", difference));
}

void Host::invoke(const std::shared_ptr<Lane>& model, http::Request request, http::Reply reply) {
  if (request.body.empty()) return reply({204, "", {}, ""});  // batch transform sends empty bodies (platform 14.8)
  Job job{std::move(request), std::move(reply)};
  job.until = job.arrived + settings_.timeout;
  if (queue_.push(model, std::move(job))) return;
  meter_.add_turned_away();
  job.reply(http::try_again_later(
      "queue_full",
      fmt::format("Expected at most {} waiting requests{}, found as many; try again later.", settings_.queue_size,
                  settings_.multi_model ? fmt::format(" of a model, of {} MB", settings_.max_buffered >> 21) : "")));
}

}  // namespace smlt::serve
