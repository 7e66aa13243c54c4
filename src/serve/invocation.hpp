#pragma once

#include <exception>
#include <optional>
#include <span>
#include <vector>

#include "serve/answer.hpp"
#include "serve/joined.hpp"
#include "serve/model.hpp"
#include "serve/queue.hpp"
#include "serve/records.hpp"
#include "settings/endpoint.hpp"

namespace smlt::serve {

/// One request on its way from body to answer. It alternates with whoever runs the network: `read` some records, run
/// their inputs, take the outcomes, until nothing is left. Every failure ends it with an error as the answer.
class Invocation {
 public:
  /// Both references outlive the object.
  Invocation(Job job, const Model& model, const settings::Endpoint& settings);
  Invocation(const Invocation&) = delete;
  Invocation& operator=(const Invocation&) = delete;

  /// Reads the next records; false if the request has its answer or has been abandoned.
  bool read();

  std::chrono::steady_clock::time_point until() const { return job_.until; }

  /// Appends the inputs of these records.
  void add_inputs(std::vector<at::Tensor>& inputs) const;

  /// Takes the outcomes of its own inputs from the front and returns the rest.
  std::span<const Outcome> take_outcomes(std::span<const Outcome> outcomes);

 private:
  void reply(http::Response response);
  template <typename Step>
  bool tried(Step step);

  Job job_;
  const Model& model_;
  const settings::Endpoint& settings_;
  std::optional<Records> body_;
  std::optional<Answer> answer_;
  std::vector<Record> records_;
  std::vector<Record> retries_;  // rows that are tried again one by one, before what follows
  bool is_answered_ = false;
};

/// A failure as the endpoint answers it: 400 with the sentence of a UserError, the status of a Refusal, else 500, but
/// 507 for want of memory where there are many models: the platform then unloads some.
http::Response failed(const std::exception_ptr& error, const settings::Endpoint& settings);

}  // namespace smlt::serve
