#pragma once

#include <chrono>
#include <exception>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "base/output.hpp"
#include "http/message.hpp"
#include "serve/invocation.hpp"
#include "serve/joined.hpp"
#include "serve/meter.hpp"
#include "serve/model.hpp"
#include "serve/queue.hpp"
#include "settings/endpoint.hpp"

namespace smlt::serve {

/// Answers requests with a model: a queue, and workers with one compute thread each that take waiting requests from it.
class Endpoint {
 public:
  /// Loads the model onto the device, makes it fast and warms it up. Throws UserError if there is no model that can be
  /// served. `on_lost_device` is called, from any worker and each time, with the reason why nothing can be predicted
  /// any longer. `net_of` makes the networks of native models.
  Endpoint(const std::filesystem::path& model_directory, const settings::Endpoint& settings, c10::Device device,
           Output& log, std::function<void(std::exception_ptr)> on_lost_device = {}, NetOf net_of = {});

  /// Answers the waiting requests, then ends.
  ~Endpoint();

  Endpoint(const Endpoint&) = delete;
  Endpoint& operator=(const Endpoint&) = delete;

  /// POST /invocations. Never blocks: the answer comes from a worker, or at once if the queue is full.
  void invoke(http::Request request, http::Reply reply);

  std::string metrics() const { return meter_.text(queue_.size(), model_.weight_bytes()); }

 private:
  using Invocations = std::vector<std::unique_ptr<Invocation>>;

  void warm_up(Output& log) const;
  void start_workers();
  void work();
  Invocations begun(std::vector<Job> batch);
  void answer(Invocations open);
  c10::IValue predicted(const at::Tensor& input) const;
  std::vector<Outcome> run(std::span<const at::Tensor> inputs, std::chrono::steady_clock::time_point until);

  const settings::Endpoint settings_;
  const std::function<void(std::exception_ptr)> on_lost_device_;
  Model model_;
  JoinLimits limits_;
  Queue queue_;
  Meter meter_;
  std::vector<std::jthread> workers_;  // last, because they use all the others
};

}  // namespace smlt::serve
