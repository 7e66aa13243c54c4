#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace smlt::cluster {

/// What a rank says about itself every two seconds.
struct Beat {
  uint64_t count = 0;     // of its beats; 0: the rank has not arrived yet
  uint64_t waits_in = 0;  // the number of the collective operation that it waits in; 0: it computes
  uint64_t moved = 0;     // bytes over its connections to the other ranks
  bool is_done = false;   // it has left the job in good order
  std::string address = "-";

  std::string text() const;
  static Beat parse(const std::string& text);  // throws AlgorithmError for any other text
};

/// The latest beat of every rank, and what they mean. Clocks of hosts differ, so a beat carries no time: it is fresh
/// when its count has changed, by this process's steady clock.
class Beats {
 public:
  using Clock = std::chrono::steady_clock;
  using Ranks = std::vector<int>;

  Beats(int size, Clock::time_point now);

  /// One beat per rank.
  void note(std::vector<Beat> beats, Clock::time_point now);

  /// This process was itself stopped for so long (docker pause, a suspended machine), so it missed what the others
  /// said.
  void excuse(Clock::duration time);

  Ranks absent() const;  // the ranks that have not arrived yet

  /// The ranks that have arrived, have not left, and have given no new beat for `limit`: they died, hang, or lost their
  /// link.
  Ranks silent(Clock::time_point now, Clock::duration limit) const;

  /// Whether for `limit` every rank has waited in a collective operation and none has moved a byte. Only bytes from
  /// another rank can end such a wait, so there is nothing left to wait for, however slow a link is: a rank that
  /// computes, or a large transfer that proceeds, is no reason.
  bool are_stuck(Clock::time_point now, Clock::duration limit) const;

  /// The ranks whose address is in a library's error text as "[ADDRESS]".
  Ranks named_in(std::string_view text) const;

 private:
  std::vector<Beat> beats_;
  std::vector<Clock::time_point> changed_;  // when the count did
  Clock::time_point moved_;                 // when a rank last computed or moved a byte
};

}  // namespace smlt::cluster
