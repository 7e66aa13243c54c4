#pragma once

#include <c10/core/Device.h>

#include <exception>
#include <functional>
#include <memory>
#include <utility>

#include "http/message.hpp"
#include "serve/load.hpp"
#include "serve/meter.hpp"
#include "serve/queue.hpp"
#include "serve/workers.hpp"
#include "settings/endpoint.hpp"

namespace smlt::serve {

/// What the models of an endpoint share: the queue, the workers and what is counted.
class Host {
 public:
  /// `on_lost_device` is called, from any worker and each time, with the reason why nothing can be predicted any
  /// longer; `net_of` makes the networks of native models. Throws UserError for a setting that no answer can follow,
  /// PlatformError if there is no room for the workers.
  Host(const settings::Endpoint& settings, c10::Device device,
       std::function<void(std::exception_ptr)> on_lost_device = {}, NetOf net_of = {});

  /// Answers the waiting requests, then ends.
  ~Host() = default;

  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  /// Never blocks: the answer comes from a worker, or at once if the model's lane is full.
  void invoke(const std::shared_ptr<Lane>& model, http::Request request, http::Reply reply);

  /// Calls `then`, on any thread, when a model that gets no more requests has answered those it had.
  void when_done(Lane& model, std::function<void()> then) { queue_.when_done(model, std::move(then)); }

  /// The lines of /metrics for models with this many bytes of weights, whose probes differ from fp32 by at most this.
  std::string metrics(int64_t weight_bytes, double difference) const;

  void report_lost_device(const std::exception_ptr& error) const {
    if (on_lost_device_) on_lost_device_(error);
  }

  /// How its models are loaded.
  LoadOptions load_options() const;

  const settings::Endpoint& settings() const { return settings_; }
  Meter& meter() { return meter_; }

 private:
  const settings::Endpoint settings_;
  const c10::Device device_;
  const std::function<void(std::exception_ptr)> on_lost_device_;
  const NetOf net_of_;
  Meter meter_;
  Queue queue_;
  Workers workers_;  // last, because they use all the others
};

}  // namespace smlt::serve
