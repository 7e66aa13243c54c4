#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "serve/form.hpp"
#include "serve/host.hpp"
#include "serve/invocation.hpp"
#include "serve/joined.hpp"
#include "serve/model.hpp"
#include "serve/queue.hpp"

namespace smlt::serve {

/// A model that answers requests.
class HostedModel : public Lane {
 public:
  /// Loads the model onto the device, makes it fast and warms it up. Throws UserError if there is no model that can be
  /// served. `host` outlives the object. `note` gets sentences for the log.
  HostedModel(const std::filesystem::path& directory, Host& host, const std::function<void(std::string)>& note);

  void answer(std::vector<Job> batch, const std::atomic<int>* unanswered) override;

  /// Whether a body whose head this is can be answered in parts.
  bool takes_parts(const http::Request& head) const {
    return serve::takes_parts(head, host_.settings(), model_.returns_structures());
  }

  int64_t weight_bytes() const { return model_.weight_bytes(); }

  /// Whether it may hold weights in a form of their own for its speed.
  bool has_fast_form() const { return model_.manifest() != nullptr; }

  /// What became of --precision bf16, as a sentence; "" without it.
  const std::string& precision() const { return precision_; }
  double precision_difference() const { return model_.precision_difference(); }

 private:
  using Invocations = std::vector<std::unique_ptr<Invocation>>;

  void warm_up(const std::function<void(std::string)>& note) const;
  void lend_cores(const std::function<void(std::string)>& note);
  double prediction_seconds(int threads) const;
  Invocations begun(std::vector<Job> batch);
  void answer(Invocations open);
  c10::IValue predicted(const at::Tensor& input) const;
  std::vector<Outcome> run(std::span<const at::Tensor> inputs, std::chrono::steady_clock::time_point until);

  Host& host_;
  Model model_;
  std::string precision_;
  JoinLimits limits_;
  int64_t most_rows_ = 1;  // that go through the network at once
  int lone_threads_ = 1;   // for a prediction that is alone
};

}  // namespace smlt::serve
