#include "cluster/watch.hpp"

#include <algorithm>
#include <thread>

#include "base/error.hpp"
#include "base/text.hpp"
#include "cluster/watch_state.hpp"

namespace smlt::cluster {
namespace {

using Clock = Beats::Clock;
using Lock = std::unique_lock<std::mutex>;

// A rank whose connections break off has most likely died if it also misses this many beats.
constexpr int kMissedBeats = 3;

}  // namespace

Watch::Watch(c10::intrusive_ptr<c10d::Store> store, const Place& place, const std::string& address, WatchLimits limits,
             OnFailure on_failure)
    : state_(std::make_shared<State>(std::move(store), place, address, limits, std::move(on_failure))) {
  state_->open();
  std::thread([state = state_] { state->talk(); }).detach();
  std::thread([state = state_] { state->guard(); }).detach();
}

Watch::~Watch() {
  Lock lock(state_->mutex);
  state_->is_ending = true;
  state_->changed.notify_all();
  state_->changed.wait_for(lock, state_->limits.interval, [&] { return state_->has_ended; });
}

void Watch::wait_for_all(const Patience& patience, Output& log, const std::stop_token& stop) {
  constexpr auto kStep = std::chrono::milliseconds(100);
  const auto start = Clock::now();
  auto next_line = start + std::chrono::seconds(10);
  Lock lock(state_->mutex);
  while (!state_->beats.absent().empty()) {
    const std::string absent = state_->names_of(state_->beats.absent());
    const auto now = Clock::now();
    if (stop.stop_requested()) throw PlatformError("The job was stopped while it waited for {}.", absent);
    if (now - start > patience.give_up) {
      throw PlatformError("Expected {} to join the job within {} s, found no sign of life; look into its log.", absent,
                          std::chrono::duration_cast<std::chrono::seconds>(patience.give_up).count());
    }
    if (now > next_line) log.line("Waiting for {}.", absent), next_line += std::chrono::seconds(60);
    state_->changed.wait_for(lock, kStep);
  }
}

void Watch::wait_begins(uint64_t collective) {
  const std::lock_guard lock(state_->mutex);
  state_->beat.waits_in = collective;
}

void Watch::wait_ends() { wait_begins(0); }

Ending Watch::fail(const Ending& ending, bool named) {
  Lock lock(state_->mutex);
  state_->is_failing = true;
  if (!state_->to_tell) {
    state_->to_tell = {named ? state_->place.name() + ": " + ending.sentence : ending.sentence, ending.code};
  }
  state_->changed.notify_all();
  state_->changed.wait_for(lock, 2 * state_->limits.linger, [&] { return state_->failure || state_->has_ended; });
  state_->give_way(lock);
  return state_->failure.value_or(ending);
}

Ending Watch::explain(const std::string& text) {
  Lock lock(state_->mutex);
  const Beats::Ranks peers = state_->others(state_->beats.named_in(text));
  const auto missed = kMissedBeats * state_->limits.interval;
  const auto patience = peers.size() == 1 ? 3 * state_->limits.interval / 2 : missed + 2 * state_->limits.interval;
  state_->is_hurried = true;
  state_->changed.notify_all();
  const auto is_clear = [&] { return state_->failure || !state_->beats.silent(Clock::now(), missed).empty(); };
  state_->changed.wait_for(lock, patience, is_clear);
  state_->give_way(lock);
  if (state_->failure) return *state_->failure;
  const Beats::Ranks silent = state_->others(state_->beats.silent(Clock::now(), missed));
  const Ending ending = state_->lost(silent.empty() ? peers : silent, "a connection to it broke off");
  lock.unlock();
  return fail(ending, /*named=*/false);
}

void Watch::leave() {
  Lock lock(state_->mutex);
  state_->is_leaving = true;
  state_->changed.notify_all();
  state_->changed.wait_for(lock, state_->limits.farewell + state_->limits.interval, [&] { return state_->has_ended; });
}

}  // namespace smlt::cluster
