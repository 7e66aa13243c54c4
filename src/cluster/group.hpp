#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "base/ending.hpp"
#include "base/output.hpp"
#include "cluster/limits.hpp"
#include "cluster/place.hpp"

namespace smlt::cluster {

struct JoinOptions {
  /// Called on another thread, once, when the job has failed on any rank: should write the failure file and the last
  /// line on stderr and end the process (Watch). Its sentence begins with the name of the rank that failed.
  std::function<void(const Ending&)> on_failure;
  c10::Device device = c10::kCPU;  // where sums and broadcasts may have their tensors, besides the CPU
  Patience patience = {};
  WatchLimits watch = {};
};

/// A sum that may still be under way. Dropping it without waiting is safe, but the tensor's values are then undefined.
class Pending {
 public:
  Pending() = default;
  explicit Pending(std::function<void()> wait) : wait_(std::move(wait)) {}

  /// Returns when the tensor holds the sum; for a tensor on a GPU, when the operations that follow on its stream will
  /// see it. Throws as Group's operations do.
  void wait() {
    if (wait_) std::exchange(wait_, nullptr)();
  }

 private:
  std::function<void()> wait_;
};

/// The ranks of a job, and what they do together. Every rank must call the same operations in the same order, on
/// tensors of the same type and size. An operation waits for the slowest rank, however long that computes. If a rank
/// fails meanwhile, it throws the Error that is everyone's reason, or `on_failure` is called. Not to be used by two
/// threads at once.
///
/// An Error of this rank's own must be told to the others with `fail` before the group is destroyed; a job that is
/// complete ends with `barrier` (everything is written) and `leave`.
class Group {
 public:
  /// One rank: every operation returns at once.
  static Group alone();

  /// Finds the other ranks and connects with them: rank 0 serves a TCPStore on the place's port. Returns when all have
  /// arrived; alone() for a place with size 1. Throws PlatformError, with the names of hosts that are not found or
  /// ranks that do not arrive in time, and if a stop is requested meanwhile.
  static Group join(const Place& place, const JoinOptions& options, Output& log, const std::stop_token& stop);

  Group(Group&&) noexcept;
  Group& operator=(Group&&) noexcept;
  ~Group();  // without `leave` or `fail` before, the others end with the sentence that this rank gave no reason

  int rank() const;
  int size() const;
  std::string name(int rank) const;  // of its host, and its process if the host has several
  bool is_alone() const { return size() == 1; }
  bool leads() const { return rank() == 0; }

  /// In place, over all ranks: float, double or int64, contiguous, of any shape. The order of the additions depends on
  /// the number of ranks and elements only, so all ranks get the same bits, every time (on a CPU; NCCL chooses by
  /// topology).
  void sum(const at::Tensor& tensor);

  /// The same without waiting, for large tensors; small sums, and those between the processes of one host, are complete
  /// on return. Several may be under way together.
  Pending start_sum(const at::Tensor& tensor);

  /// Whether large sums go on by themselves, on other threads or on the GPU: not between the processes of one host.
  bool sums_in_background() const;

  /// Rank 0's values become everyone's, in place; tensors of any type and shape, all on one device.
  void broadcast(const std::vector<at::Tensor>& tensors);

  /// Every rank's text, on every rank, in the order of the ranks.
  std::vector<std::string> gather(const std::string& text);

  /// Returns when every rank has called it. Does not wait for a GPU.
  void barrier();

  /// Tells the others why this rank ends, unless the job has failed already, and waits a few seconds for them to hear
  /// it. Returns the reason that counts: this one, or the one that another rank gave before.
  Ending fail(const Ending& ending);

  /// The regular end, after the last barrier: waits for the others to leave too, up to 10 s. After it, nobody takes the
  /// end of this process for a failure. Never throws.
  void leave();

 private:
  struct Impl;
  explicit Group(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;  // null: alone
};

/// For a rank that has failed before it could join: tells the others why, if they come within the options' patience.
/// Rank 0, which serves the store, waits for them. A stop ends the waiting. Never throws.
void report_failure(const Place& place, const JoinOptions& options, const Ending& ending, Output& log,
                    const std::stop_token& stop);

}  // namespace smlt::cluster
