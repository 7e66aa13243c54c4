#include "serve/hosted_model.hpp"

#include <malloc.h>
#include <torch/torch.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "base/error.hpp"
#include "base/text.hpp"
#include "http/problem.hpp"
#include "serve/lent_cores.hpp"
#include "serve/refusal.hpp"

namespace smlt::serve {
namespace {

using Clock = std::chrono::steady_clock;

constexpr double kWarmSeconds = 0.2;  // the first prediction must not wait longer

// When cores are lent: a prediction must take this long, be so much faster with them, and more of them than this help
// no prediction by themselves.
constexpr double kLongPrediction = 0.002;
constexpr double kWorthwhile = 1.2;
constexpr int kMostLent = 8;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

}  // namespace

HostedModel::HostedModel(const std::filesystem::path& directory, Host& host,
                         const std::function<void(std::string)>& note)
    : host_(host), model_(directory, host.load_options()), limits_{.rows = model_.most_rows()} {
  const at::Tensor row = model_.example(1);
  if (row.defined()) most_rows_ = limits_.rows_of(static_cast<int64_t>(row.nbytes()));
  set_batch(static_cast<size_t>(most_rows_));  // no other worker can answer what one has taken and cannot join
  if (host_.settings().bfloat16) {
    precision_ = model_.take_bfloat16();
    note(precision_);
  }
  note(model_.speed_up());
  if (row.defined()) {
    warm_up(note);
    lend_cores(note);
  }
  ::malloc_trim(0);  // the memory used while finding the fast form
}

// Operators choose and compile their kernels when a size is first seen.
void HostedModel::warm_up(const std::function<void(std::string)>& note) const {
  const Clock::time_point start = Clock::now();
  int64_t rows = 1;
  for (; rows <= most_rows_ && seconds_since(start) < kWarmSeconds; ++rows) model_.forward(model_.example(rows));
  note(fmt::format("Batches of 1 to {} of at most {} rows are warm after {:.2f} s; {} of one thread each.", rows - 1,
                   most_rows_, seconds_since(start), counted(host_.settings().workers, "worker")));
}

// The better of two.
double HostedModel::prediction_seconds(int threads) const {
  const std::atomic<int> alone{1};
  std::optional<LentCores> cores;
  if (threads > 1) cores.emplace(threads, alone);
  const at::Tensor row = model_.example(1);
  double best = 0;
  for (int i = 0; i < 2; ++i) {
    const Clock::time_point start = Clock::now();
    model_.forward(row);
    best = i == 0 ? seconds_since(start) : std::min(best, seconds_since(start));
  }
  return best;
}

void HostedModel::lend_cores(const std::function<void(std::string)>& note) {
  const double alone = prediction_seconds(1);
  set_seconds(alone);
  const int threads = std::min(host_.settings().workers, kMostLent);
  if (threads < 2 || !model_.uses_operator_threads()) return;
  if (alone < kLongPrediction || alone < kWorthwhile * prediction_seconds(threads)) return;
  lone_threads_ = threads;
  note(fmt::format("A request that is alone uses {} threads.", threads));
}

void HostedModel::answer(std::vector<Job> batch, const std::atomic<int>* unanswered) {
  std::optional<LentCores> cores;
  if (unanswered != nullptr && lone_threads_ > 1 && *unanswered == 1) cores.emplace(lone_threads_, *unanswered);
  answer(begun(std::move(batch)));
}

HostedModel::Invocations HostedModel::begun(std::vector<Job> batch) {
  Invocations open;
  for (Job& job : batch) {
    if (Clock::now() <= job.until) {
      open.push_back(std::make_unique<Invocation>(std::move(job), model_, host_.settings()));
      continue;
    }
    host_.meter().add_turned_away();
    job.reply(http::try_again_later("overloaded",
                                    "Expected to answer in time, found too many requests waiting; try again later."));
  }
  return open;
}

void HostedModel::answer(Invocations open) {
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

c10::IValue HostedModel::predicted(const at::Tensor& input) const {
  try {
    return model_.manifest() != nullptr ? model_.forward(input) : model_.answer(input);
  } catch (const PlatformError&) {
    host_.report_lost_device(std::current_exception());
    throw;
  }
}

std::vector<Outcome> HostedModel::run(std::span<const at::Tensor> inputs, Clock::time_point until) {
  const Forward forward = [this, until](const at::Tensor& input) {
    const Clock::time_point start = Clock::now();
    if (start > until) throw too_late();
    c10::IValue output = predicted(input);
    host_.meter().add_run(input.dim() > 0 ? input.size(0) : 1, seconds_since(start));
    return output;
  };
  return model_.manifest() != nullptr ? run_joined(inputs, forward, limits_) : run_apart(inputs, forward);
}

}  // namespace smlt::serve
