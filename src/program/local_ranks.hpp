#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "base/ending.hpp"
#include "base/environment.hpp"
#include "program/arguments.hpp"

namespace smlt {

/// Which of its host's processes this is: 0, or the number that LocalRanks gave it in SMLT_LOCAL_RANK. Throws UserError
/// if that variable is not a number from 0.
int local_rank(const Environment& environment);

/// Whether LocalRanks started this process.
bool is_started_by_another(const Environment& environment);

/// In a process that LocalRanks started: the kernel ends it when its parent dies, however that dies. Call this first in
/// `main`; in other processes it does nothing.
void end_with_parent(const Environment& environment);

/// A TCP port that nobody uses on this machine, for the ranks of a job on one host. It is below those that the kernel
/// gives to connections, one of which might take it before the ranks listen.
uint16_t free_port();

/// The other processes of this host: copies of this program with the same arguments. Each gets the given environment,
/// and in SMLT_LOCAL_RANK its number from 1; its stderr is this process's, its stdout and stdin are /dev/null. A
/// requested stop is passed on as SIGTERM.
class LocalRanks {
 public:
  /// Starts `processes` - 1 of them. If one ends with an error, `on_failure` is called on another thread some seconds
  /// later: ranks that know each other have ended by then, with the true reason. To be constructed on the main thread,
  /// because the processes live no longer than the thread that starts them. Throws PlatformError.
  LocalRanks(const Arguments& arguments, const Environment& environment, int processes, const std::stop_token& stop,
             std::function<void(const Ending&)> on_failure);
  ~LocalRanks();  // kills those that still run
  LocalRanks(const LocalRanks&) = delete;
  LocalRanks& operator=(const LocalRanks&) = delete;

  /// Waits for all to end, for at most `limit`; returns whether they have, each with exit code 0. `on_failure` is not
  /// called any longer.
  bool wait(std::chrono::milliseconds limit);

 private:
  void pass_on(int signal);
  bool collect(int flags);
  void supervise(const std::stop_token& enough);

  std::mutex mutex_;  // a number may be another process's once it is collected
  std::vector<pid_t> running_;
  bool all_well_ = true;
  std::string how_one_ended_;
  std::function<void(const Ending&)> on_failure_;
  std::optional<std::stop_callback<std::function<void()>>> on_stop_;
  std::jthread supervisor_;
};

}  // namespace smlt
