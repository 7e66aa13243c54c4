#include "serve/endpoint.hpp"

#include <malloc.h>
#include <torch/torch.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <system_error>
#include <utility>

#include "base/error.hpp"
#include "base/text.hpp"
#include "http/problem.hpp"
#include "serve/answer.hpp"
#include "serve/invocation.hpp"
#include "serve/refusal.hpp"
#include "serve/worker_thread.hpp"

namespace smlt::serve {
namespace {

using Clock = std::chrono::steady_clock;

constexpr double kWarmSeconds = 0.2;  // the first prediction must not wait longer

// After this many bytes of bodies, memory is returned to the system, once the endpoint has been idle for a while:
// memory returned between two requests would only be requested again.
constexpr size_t kLargeBatch = size_t{4} << 20;
constexpr std::chrono::milliseconds kPause{200};

size_t body_bytes(std::span<const Job> batch) {
  size_t bytes = 0;
  for (const Job& job : batch) bytes += job.request.body.size();
  return bytes;
}

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

void check_default_accept(const std::string& accept) {
  try {
    accepted("", accept, BodyType::kJson);
  } catch (const Refusal& e) {
    throw UserError("Setting default-accept does not fit: {}", e.what());
  }
}

// The most rows that go through the network at once; 1 if nothing is joined.
int64_t most_rows(const Model& model, const JoinLimits& limits) {
  const at::Tensor row = model.example(1);
  return row.defined() ? limits.rows_of(static_cast<int64_t>(row.nbytes())) : 1;
}

// A worker takes no more than it can join, because no other worker can answer what it has taken.
QueueLimits queue_limits(const settings::Endpoint& settings, int64_t most) {
  return {.jobs = static_cast<size_t>(settings.queue_size),
          .batch = static_cast<size_t>(most),
          .workers = static_cast<size_t>(settings.workers),
          .delay = settings.batch_delay};
}

// By a worker's rules from the start: compiled code is tried while it is loaded, and the threads it would start stay.
Model loaded(const std::filesystem::path& directory, const LoadOptions& options) {
  become_worker();
  return Model(directory, options);
}

http::Response turned_away(std::string_view code, std::string_view sentence) {
  http::Response response = http::problem(503, code, sentence);
  response.headers.emplace_back("Retry-After", "1");
  return response;
}

}  // namespace

Endpoint::Endpoint(const std::filesystem::path& model_directory, const settings::Endpoint& settings, c10::Device device,
                   Output& log, std::function<void(std::exception_ptr)> on_lost_device, NetOf net_of)
    : settings_(settings),
      on_lost_device_(std::move(on_lost_device)),
      model_(loaded(model_directory,
                    {device, settings.compiled, settings.workers, settings.batch_size, std::move(net_of)})),
      limits_{.rows = model_.most_rows()},
      queue_(queue_limits(settings, most_rows(model_, limits_))) {
  check_default_accept(settings.default_accept);
  log.line(model_.speed_up());
  warm_up(log);
  ::malloc_trim(0);  // the memory used while finding the fast form
  start_workers();
}

void Endpoint::start_workers() {
  try {
    for (int i = 0; i < settings_.workers; ++i) workers_.emplace_back([this] { work(); });
  } catch (const std::system_error& e) {
    queue_.close();  // otherwise the workers already started would wait forever
    throw PlatformError("Expected to start {}, found room for {} ({}); set --workers lower.",
                        counted(settings_.workers, "worker"), workers_.size(), e.what());
  }
}

Endpoint::~Endpoint() { queue_.close(); }

// Operators choose and compile their kernels when a size is first seen.
void Endpoint::warm_up(Output& log) const {
  if (!model_.example(1).defined()) return;
  const int64_t most = most_rows(model_, limits_);
  const Clock::time_point start = Clock::now();
  int64_t rows = 1;
  for (; rows <= most && seconds_since(start) < kWarmSeconds; ++rows) model_.forward(model_.example(rows));
  log.line("Batches of 1 to {} of at most {} rows are warm after {:.2f} s; {} of one thread each.", rows - 1, most,
           seconds_since(start), counted(settings_.workers, "worker"));
}

void Endpoint::invoke(http::Request request, http::Reply reply) {
  if (request.body.empty()) return reply({204, "", {}, ""});  // batch transform sends empty bodies (platform 14.8)
  Job job{std::move(request), std::move(reply)};
  job.until = job.arrived + settings_.timeout;
  if (queue_.push(std::move(job))) return;
  meter_.add_turned_away();
  job.reply(turned_away(
      "queue_full",
      fmt::format("Expected at most {} waiting requests, found as many; try again later.", settings_.queue_size)));
}

void Endpoint::work() {
  become_worker();
  bool holds_memory = false;
  for (bool is_open = true; is_open;) {
    try {
      if (holds_memory && queue_.stays_empty(kPause)) {
        ::malloc_trim(0);
        holds_memory = false;
      }
      std::vector<Job> batch = queue_.take();
      is_open = !batch.empty();
      holds_memory = holds_memory || body_bytes(batch) > kLargeBatch;
      answer(begun(std::move(batch)));
    } catch (const std::exception&) {  // out of memory between the steps: replies that are dropped answer 500
    }
  }
}

Endpoint::Invocations Endpoint::begun(std::vector<Job> batch) {
  Invocations open;
  for (Job& job : batch) {
    if (Clock::now() <= job.until) {
      open.push_back(std::make_unique<Invocation>(std::move(job), model_, settings_.default_accept));
      continue;
    }
    meter_.add_turned_away();
    job.reply(
        turned_away("overloaded", "Expected to answer in time, found too many requests waiting; try again later."));
  }
  return open;
}

void Endpoint::answer(Invocations open) {
  while (true) {
    std::erase_if(open, [](const auto& invocation) { return !invocation->read(); });
    if (open.empty()) return;
    std::vector<at::Tensor> inputs;
    Clock::time_point until{};
    for (const auto& invocation : open) {
      invocation->add_inputs(inputs);
      until = std::max(until, invocation->until());
    }
    const std::vector<Outcome> outcomes = run(inputs, until);
    std::span<const Outcome> left = outcomes;
    for (const auto& invocation : open) left = invocation->take_outcomes(left);
  }
}

c10::IValue Endpoint::predicted(const at::Tensor& input) const {
  try {
    return model_.manifest() != nullptr ? model_.forward(input) : model_.answer(input);
  } catch (const PlatformError&) {
    if (on_lost_device_) on_lost_device_(std::current_exception());
    throw;
  }
}

std::vector<Outcome> Endpoint::run(std::span<const at::Tensor> inputs, Clock::time_point until) {
  const Forward forward = [this, until](const at::Tensor& input) {
    const Clock::time_point start = Clock::now();
    if (start > until) throw too_late();
    c10::IValue output = predicted(input);
    meter_.add_run(input.dim() > 0 ? input.size(0) : 1, seconds_since(start));
    return output;
  };
  return model_.manifest() != nullptr ? run_joined(inputs, forward, limits_) : run_apart(inputs, forward);
}

}  // namespace smlt::serve
