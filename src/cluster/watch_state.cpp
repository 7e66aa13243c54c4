#include "cluster/watch_state.hpp"

#include <c10/util/Exception.h>

#include <algorithm>
#include <thread>

#include "base/error.hpp"
#include "base/text.hpp"
#include "cluster/links.hpp"

namespace smlt::cluster {
namespace {

using Clock = Beats::Clock;
using Lock = std::unique_lock<std::mutex>;

constexpr const char* kFailure = "watch/failure";
constexpr const char* kNoFailure = "-";
constexpr const char* kOpen = "watch/open";
constexpr const char* kHeard = "watch/heard";
constexpr const char* kLeft = "watch/left";
constexpr const char* kGone = "watch/gone";
constexpr auto kPoll = std::chrono::milliseconds(20);

std::string beat_key(int rank) { return fmt::format("watch/beat/{}", rank); }

std::vector<std::string> all_keys(int size) {
  std::vector<std::string> keys;
  for (int rank = 0; rank < size; ++rank) keys.push_back(beat_key(rank));
  keys.emplace_back(kFailure);
  return keys;
}

std::string encoded(const Ending& ending) { return fmt::format("{} {}", ending.code, ending.sentence); }

Ending decoded(const std::string& text) { return {text.substr(text.find(' ') + 1), std::stoi(text)}; }

int64_t seconds(std::chrono::milliseconds time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time + std::chrono::milliseconds(500)).count();
}

Ending platform_failure(std::string sentence) { return {std::move(sentence), static_cast<int>(Fault::kPlatform)}; }

}  // namespace

Watch::State::State(c10::intrusive_ptr<c10d::Store> its_store, const Place& its_place, const std::string& address,
                    WatchLimits its_limits, OnFailure its_on_failure)
    : store(std::move(its_store)),
      place(its_place),
      limits(its_limits),
      on_failure(std::move(its_on_failure)),
      keys(all_keys(its_place.size)),
      beats(its_place.size, Clock::now()),
      answered(Clock::now()) {
  beat.address = address;
}

void Watch::State::open() try {
  if (place.rank == 0) {
    for (int rank = 0; rank < place.size; ++rank) store->set(beat_key(rank), Beat().text());
    store->set(kFailure, kNoFailure);
    store->set(kOpen, "1");
  }
  store->wait({kOpen});
  if (store->add(fmt::format("watch/here/{}", place.rank), 1) == 1) return;
  throw PlatformError("Expected to be {}, found that another process is; give every job on this machine its own port.",
                      place.name());
} catch (const c10::Error&) {
  throw PlatformError("{}", lost({0}, "the connection to it broke off").sentence);
}

// Whatever the store throws means that it is gone, and rank 0's process with it.
void Watch::State::talk() {
  try {
    Lock lock(mutex);
    while (!is_ending && !is_leaving && !failure) {
      lock.unlock();
      round();
      lock.lock();
      changed.wait_for(lock, next_round(), [&] { return is_ending || is_leaving || failure || to_tell; });
    }
    const bool leaves = is_leaving && !failure;
    lock.unlock();
    if (leaves) farewell();
  } catch (const std::exception&) {
    deliver(lost({0}, "the connection to it broke off"));
  }
  const Lock lock(mutex);
  has_ended = true;
  changed.notify_all();
}

std::chrono::milliseconds Watch::State::next_round() const {
  constexpr std::chrono::milliseconds kSoon(100);
  const bool soon = is_hurried || !beats.absent().empty();
  return soon ? std::min(limits.interval, kSoon) : limits.interval;
}

void Watch::State::round() {
  const uint64_t moved = bound_links(limits.silence, place.port);
  Lock lock(mutex);
  beat.count += 1;
  beat.moved = moved;
  const std::string own = beat.text();
  lock.unlock();
  store->set(keys[static_cast<size_t>(place.rank)], own);
  const std::vector<std::vector<uint8_t>> answers = store->multiGet(keys);
  std::vector<Beat> found;
  for (size_t i = 0; i + 1 < answers.size(); ++i) found.push_back(Beat::parse(text_of(answers[i])));
  const auto now = Clock::now();
  lock.lock();
  answered = now;
  beats.note(std::move(found), now);
  changed.notify_all();
  const std::optional<Ending> mine = to_tell;
  lock.unlock();
  const std::string failed = text_of(answers.back());
  if (failed != kNoFailure) return hear(decoded(failed), /*from_me=*/false);
  return mine ? report(*mine) : judge(now);
}

void Watch::State::judge(Clock::time_point now) {
  Lock lock(mutex);
  const Beats::Ranks silent = others(beats.silent(now, limits.silence));
  const bool stuck = beats.are_stuck(now, limits.stuck);
  lock.unlock();
  if (!silent.empty()) return report(lost(silent, fmt::format("no sign of life for {} s", seconds(limits.silence))));
  if (!stuck) return;
  report(platform_failure(fmt::format(
      "Expected data to move between the ranks, found all of them waiting and none moving for {} s; look at the "
      "network between the hosts.",
      seconds(limits.stuck))));
}

void Watch::State::report(const Ending& ending) {
  const std::string own = encoded(ending);
  const std::string first = store->compareSet(kFailure, std::string(kNoFailure), own);
  hear(decoded(first), first == own);
}

void Watch::State::hear(const Ending& ending, bool from_me) {
  try {
    store->add(kHeard, 1);
    linger(from_me);
  } catch (const std::exception&) {
    // Rank 0 has ended already, for the same reason.
  }
  deliver(ending);
}

// The rank that fails, because local mode kills all others when the first one ends, and rank 0, because the store ends
// with it.
void Watch::State::linger(bool from_me) {
  if (!from_me && place.rank != 0) return;
  const auto end = Clock::now() + limits.linger;
  Lock lock(mutex);
  const auto silent = beats.silent(Clock::now(), limits.interval + limits.interval / 2).size();
  const auto absent = beats.absent().size();
  lock.unlock();
  const auto listeners = place.size - static_cast<int64_t>(silent + absent);
  while (store->add(kHeard, 0) < listeners && Clock::now() < end) std::this_thread::sleep_for(kPoll);
}

void Watch::State::deliver(const Ending& ending) {
  Lock lock(mutex);
  if (failure) return;
  if (is_leaving) return;  // this rank's work is complete
  failure = ending;
  is_delivered = !is_failing && !is_ending;
  const bool call = is_delivered;
  changed.notify_all();
  lock.unlock();
  if (call) on_failure(ending);
}

// If on_failure is about to end the process with the reason, the thread that got into the same trouble must not end it
// with another one.
void Watch::State::give_way(Lock& lock) {
  if (is_delivered) changed.wait_for(lock, 2 * limits.linger, [] { return false; });
}

void Watch::State::farewell() {
  const auto end = Clock::now() + limits.farewell;
  const auto wait = [&](const char* key, int64_t count) {
    while (store->add(key, 0) < count && Clock::now() < end) std::this_thread::sleep_for(kPoll);
  };
  Lock lock(mutex);
  beat.count += 1;
  beat.is_done = true;
  const std::string own = beat.text();
  lock.unlock();
  store->set(keys[static_cast<size_t>(place.rank)], own);
  store->add(kLeft, 1);
  wait(kLeft, place.size);
  if (place.rank != 0) {
    store->add(kGone, 1);
  } else {
    wait(kGone, place.size - 1);
  }
}

// If this thread wakes up late, the whole process was stopped, and what it missed meanwhile says nothing about the
// others.
void Watch::State::guard() {
  const auto step = std::min<Clock::duration>(limits.interval / 2, std::chrono::milliseconds(500));
  auto before = Clock::now();
  Lock lock(mutex);
  while (!is_ending && !has_ended && !failure) {
    changed.wait_for(lock, step, [&] { return is_ending || has_ended || failure; });
    const auto now = Clock::now();
    const auto late = now - before - step;
    before = now;
    if (late > limits.silence / 4) answered += late, beats.excuse(late);
    if (is_leaving || now - answered <= limits.silence + limits.interval) continue;
    lock.unlock();
    deliver(lost({0}, fmt::format("no sign of life for {} s", seconds(limits.silence))));
    lock.lock();
  }
}

Ending Watch::State::lost(const Beats::Ranks& ranks, const std::string& what) const {
  const std::string who = ranks.empty() ? "another rank" : names_of(ranks);
  return platform_failure(fmt::format("Lost {}: {}; look for the reason in its log and at the network.", who, what));
}

std::string Watch::State::names_of(const Beats::Ranks& ranks) const {
  std::vector<std::string> names;
  for (const int rank : ranks) names.push_back(place.names[static_cast<size_t>(rank)]);
  return listed_few(names, 8);
}

Beats::Ranks Watch::State::others(Beats::Ranks ranks) const {
  std::erase(ranks, place.rank);
  return ranks;
}

}  // namespace smlt::cluster
