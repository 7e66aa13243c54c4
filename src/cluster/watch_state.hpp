#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>

#include "cluster/beats.hpp"
#include "cluster/watch.hpp"

namespace smlt::cluster {

/// What a watch's threads and its owner share. The talker is the only thread that uses the store; the guard only looks
/// at the clock, because the talker may wait for an answer for ever.
struct Watch::State {
  State(c10::intrusive_ptr<c10d::Store> its_store, const Place& its_place, const std::string& address,
        WatchLimits its_limits, OnFailure its_on_failure);

  void open();  // before the threads start
  void talk();  // the talker's whole life
  void guard();

  // The talker's.
  void round();
  void judge(Beats::Clock::time_point now);
  void report(const Ending& ending);
  void hear(const Ending& ending, bool from_me);
  void linger(bool from_me);
  void farewell();
  std::chrono::milliseconds next_round() const;

  void deliver(const Ending& ending);
  void give_way(std::unique_lock<std::mutex>& lock);
  Ending lost(const Beats::Ranks& ranks, const std::string& what) const;
  std::string names_of(const Beats::Ranks& ranks) const;
  Beats::Ranks others(Beats::Ranks ranks) const;

  const c10::intrusive_ptr<c10d::Store> store;
  const Place place;
  const WatchLimits limits;
  const OnFailure on_failure;
  std::vector<std::string> keys;  // of the beats in the order of the ranks, then that of the failure

  std::mutex mutex;  // for all below
  std::condition_variable changed;
  Beat beat;  // this rank's
  Beats beats;
  Beats::Clock::time_point answered;  // when the store last gave an answer
  bool is_hurried = false;            // something is wrong, so rounds are shorter
  bool is_failing = false;            // the owner ends this rank, so on_failure is not called
  bool is_leaving = false;
  bool is_ending = false;         // the threads shall end
  bool has_ended = false;         // the talker has
  std::optional<Ending> to_tell;  // what the talker shall report
  std::optional<Ending> failure;  // the one that counts
  bool is_delivered = false;      // on_failure was called with it
};

}  // namespace smlt::cluster
