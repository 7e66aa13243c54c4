#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string>

#include "base/ending.hpp"
#include "base/output.hpp"
#include "cluster/limits.hpp"
#include "cluster/store.hpp"

namespace smlt::cluster {

/// Ends all ranks of a job together. A thread tells the store every `interval` that this rank lives, whatever the other
/// threads compute, and reads what the others say. A job has failed when
///   - a rank says so: its sentence, after its name, is everyone's reason;
///   - a rank gives no beat for `silence`: it died, hangs, or its link to rank 0 is cut;
///   - the store gives no answer for `silence`, which a second thread notices, or breaks off: the same of rank 0;
///   - a connection between two ranks breaks off during a collective operation. If it is cut without a word, the kernel
///     says so after `silence` (links.hpp), for ranks that both reach rank 0 too;
///   - all ranks wait in collective operations and no byte moves for `stuck`: Beats::are_stuck says why that is safe.
/// The first reason in the store is everyone's. `on_failure` is then called, once, on a thread of the watch, and should
/// end the process: a collective operation cannot be interrupted.
class Watch {
 public:
  using OnFailure = std::function<void(const Ending&)>;

  /// `store` is a connection of the watch's own. `address`: by which the other ranks reach this one. Throws
  /// PlatformError if another process already has this rank.
  Watch(c10::intrusive_ptr<c10d::Store> store, const Place& place, const std::string& address, WatchLimits limits,
        OnFailure on_failure);
  ~Watch();  // without a word to the others; a thread that waits for the store is left behind
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  /// Waits until every rank has arrived. Throws PlatformError with the names of those that have not when patience ends
  /// or a stop is requested.
  void wait_for_all(const Patience& patience, Output& log, const std::stop_token& stop);

  /// Between these, this rank waits in the collective operation with this number (from 1).
  void wait_begins(uint64_t collective);
  void wait_ends();

  /// Tells the others why this rank ends and waits until those that live have heard it, for at most `linger`. From now
  /// on `on_failure` is not called. Returns the reason that counts, which another rank may have given before. With
  /// `named`, the others' sentence begins with this rank's name.
  Ending fail(const Ending& ending, bool named);

  /// What a broken collective operation with this error text means: waits for the true reason, a rank's own sentence or
  /// which rank has fallen silent, for a few seconds, and then does as `fail` does.
  Ending explain(const std::string& text);

  /// Waits until every rank leaves, for at most `farewell`; rank 0, whose process serves the store, leaves last. Nobody
  /// takes a rank that has left for one that has died.
  void leave();

 private:
  struct State;
  std::shared_ptr<State> state_;  // shared with the threads, one of which may be left behind
};

}  // namespace smlt::cluster
