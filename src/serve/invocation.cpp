#include "serve/invocation.hpp"

#include <c10/util/Exception.h>

#include <algorithm>
#include <new>
#include <utility>

#include "base/error.hpp"
#include "http/problem.hpp"
#include "serve/refusal.hpp"

namespace smlt::serve {

namespace {

http::Response no_memory(const settings::Endpoint& settings) {
  return http::problem(settings.multi_model ? 507 : 500, "out_of_memory", "Out of memory; send fewer records at once.");
}

Outcome failed_record(const Record& record) { return {{}, std::make_exception_ptr(UserError("{}", record.error))}; }

}  // namespace

http::Response failed(const std::exception_ptr& error, const settings::Endpoint& settings) {
  try {
    std::rethrow_exception(error);
  } catch (const Refusal& e) {
    return http::problem(e.status(), e.code(), e.what());
  } catch (const UserError& e) {
    return http::problem(400, "bad_request", e.what());
  } catch (const PlatformError& e) {
    return http::problem(500, "device_error", e.what());
  } catch (const std::bad_alloc&) {
    return no_memory(settings);
  } catch (const c10::OutOfMemoryError&) {
    return no_memory(settings);
  } catch (const c10::Error& e) {
    return http::problem(500, "internal_error", e.what_without_backtrace());
  } catch (const std::exception& e) {
    return http::problem(500, "internal_error", e.what());
  }
}

// Does one step; on failure sends the error as the answer and returns false.
template <typename Step>
bool Invocation::tried(Step step) {
  try {
    step();
    return true;
  } catch (...) {
    reply(failed(std::current_exception(), settings_));
    return false;
  }
}

Invocation::Invocation(Job job, const Model& model, const settings::Endpoint& settings)
    : job_(std::move(job)), model_(model), settings_(settings) {
  tried([&] {
    const BodyType body = body_type(job_.request);
    const Form form = form_of(job_.request, body, settings, model_.returns_structures());
    body_.emplace(job_.request, body, model_, form.by_lines);
    answer_.emplace(form, body, model_);
  });
}

bool Invocation::read() {
  const auto next = [&] {
    if (std::chrono::steady_clock::now() > job_.until) throw too_late();
    records_ = retries_.empty() ? body_->next() : std::exchange(retries_, {});
  };
  if (is_answered_ || !tried(next)) return false;
  if (records_.empty()) tried([&] { reply(answer_->response(body_->is_single_row())); });
  return !is_answered_;
}

void Invocation::add_inputs(std::vector<at::Tensor>& inputs) const {
  for (const Record& record : records_) {
    if (record.input.defined()) inputs.push_back(record.input);
  }
}

std::span<const Outcome> Invocation::take_outcomes(std::span<const Outcome> outcomes) {
  const auto is_run = [](const Record& record) { return record.input.defined(); };
  const auto count = static_cast<size_t>(std::count_if(records_.begin(), records_.end(), is_run));
  tried([&] {
    auto outcome = outcomes.begin();
    for (const Record& record : records_) {
      const Outcome& found = is_run(record) ? *outcome++ : failed_record(record);
      if (answer_->wants_apart(found, record.rows())) {
        retries_ = apart(record);
      } else {
        answer_->add(found, record.rows());
      }
    }
  });
  return outcomes.subspan(count);
}

void Invocation::reply(http::Response response) {
  is_answered_ = true;
  records_.clear();
  job_.reply(std::move(response));
}

}  // namespace smlt::serve
