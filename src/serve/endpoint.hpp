#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "base/output.hpp"
#include "serve/host.hpp"
#include "serve/hosted_model.hpp"
#include "serve/worker_thread.hpp"

namespace smlt::serve {

/// Answers requests with one model.
class Endpoint {
 public:
  /// Loads the model. Throws as HostedModel and Host do. `log` outlives the object.
  Endpoint(const std::filesystem::path& model_directory, const settings::Endpoint& settings, c10::Device device,
           Output& log, std::function<void(std::exception_ptr)> on_lost_device = {}, NetOf net_of = {})
      : host_(settings, device, std::move(on_lost_device), std::move(net_of)), model_(loaded(model_directory, log)) {}

  /// POST /invocations; never blocks.
  void invoke(http::Request request, http::Reply reply) { host_.invoke(model_, std::move(request), std::move(reply)); }

  /// Whether a body whose head this is can be answered in parts.
  bool takes_parts(const http::Request& head) const { return model_->takes_parts(head); }

  std::string metrics() const { return host_.metrics(model_->weight_bytes(), model_->precision_difference()); }

 private:
  std::shared_ptr<HostedModel> loaded(const std::filesystem::path& directory, Output& log) {
    become_worker();
    return std::make_shared<HostedModel>(directory, host_, [&log](const std::string& note) { log.line(note); });
  }

  Host host_;
  const std::shared_ptr<HostedModel> model_;
};

}  // namespace smlt::serve
