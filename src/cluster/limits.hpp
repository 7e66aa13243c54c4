#pragma once

#include <chrono>

namespace smlt::cluster {

/// How long a rank waits for the others to appear: as long as AWS's training toolkit does.
struct Patience {
  std::chrono::milliseconds first_delay = std::chrono::milliseconds(100);  // doubled after each attempt
  std::chrono::milliseconds longest_delay = std::chrono::seconds(30);
  std::chrono::milliseconds give_up = std::chrono::minutes(15);
};

/// When the watch takes the job for failed. A link that is cut for 10 s recovers 13 s after the cut, because TCP
/// doubles the time between its attempts; with `silence` above that, all ranks still end within 30 s of a failure.
struct WatchLimits {
  std::chrono::milliseconds interval = std::chrono::seconds(2);   // between two beats
  std::chrono::milliseconds silence = std::chrono::seconds(20);   // without a beat or an answer of rank 0's store
  std::chrono::milliseconds stuck = std::chrono::seconds(24);     // see Beats::are_stuck
  std::chrono::milliseconds linger = std::chrono::seconds(4);     // for the others to hear of a failure
  std::chrono::milliseconds farewell = std::chrono::seconds(10);  // for the others to leave
};

}  // namespace smlt::cluster
