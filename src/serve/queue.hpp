#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <limits>
#include <memory>
#include <mutex>
#include <vector>

#include "http/message.hpp"

namespace smlt::serve {

/// A request that waits for its answer.
struct Job {
  http::Request request;
  http::Reply reply;
  std::chrono::steady_clock::time_point arrived = std::chrono::steady_clock::now();
  std::chrono::steady_clock::time_point until = std::chrono::steady_clock::time_point::max();  // abandoned afterwards
};

/// What answers jobs of one kind: a model. The queue keeps the jobs of each apart.
class Lane {
 public:
  virtual ~Lane() = default;

  /// Answers every job; called by any worker. `unanswered` is the number of all jobs in the queue and at work, for the
  /// worker that may use the others' cores as long as that is 1; null for the others.
  virtual void answer(std::vector<Job> batch, const std::atomic<int>* unanswered) = 0;

 protected:
  /// The most jobs that a worker takes together.
  void set_batch(size_t most) { batch_ = most; }

  /// How long a batch takes, as far as that is known before the first.
  void set_seconds(double seconds) { seconds_ = seconds; }

 private:
  friend class Queue;

  size_t batch_ = 32;
  // Guarded by the queue's mutex:
  std::deque<Job> jobs_;
  size_t bytes_ = 0;    // of their bodies
  int at_work_ = 0;     // workers
  double seconds_ = 0;  // that a batch takes, a moving average; 0: not known yet
  std::function<void()> when_done_;
};

struct QueueLimits {
  size_t jobs = 1024;                                 // of a lane that may wait; more are refused
  size_t bytes = std::numeric_limits<size_t>::max();  // of the bodies of a lane that wait
  size_t batch_bytes = size_t{1} << 20;               // of all bodies that a worker takes together; one may be larger
  size_t workers = 1;                                 // that take jobs, without the one in reserve
  std::chrono::milliseconds delay{0};                 // how long the first of a batch waits for more; 0: not at all
  std::chrono::milliseconds slow{100};                // from here on a batch is slow
};

/// Who takes jobs. The first worker is woken before the others, so that a job that is alone always meets the same one.
enum class Seat { kFirst, kOther, kReserve };

/// The waiting jobs. Lanes take turns, and within a lane it is first come, first served. A worker takes its share of a
/// lane (the number of its waiting jobs divided by the number of workers), so a burst is spread over all of them. If
/// all workers are held up by slow batches, the one in reserve takes jobs of lanes that are quick, or not known yet: a
/// slow model cannot keep a quick one waiting. All functions may be called from any thread.
class Queue {
 public:
  using Clock = std::chrono::steady_clock;

  struct Batch {
    std::shared_ptr<Lane> lane;  // null if the queue is closed and nothing is left
    std::vector<Job> jobs;
    size_t size = 0;  // of jobs, also once they have been moved
    Seat seat = Seat::kOther;
    Clock::time_point start{};
  };

  explicit Queue(const QueueLimits& limits) : limits_(limits) {}

  /// Returns false, and leaves the job untouched, if the queue is closed, or if the lane is full: a later part of a
  /// body whose answer has begun is always taken. Never blocks for long.
  bool push(const std::shared_ptr<Lane>& lane, Job&& job);

  /// Waits for the next batch.
  Batch take(Seat seat);

  /// The jobs of a batch are answered.
  void done(Batch batch);

  /// Waits: true if nothing arrives for this long, false as soon as a job arrives or the queue is closed.
  bool stays_empty(Seat seat, std::chrono::milliseconds time);

  /// Calls `then` once, on this thread or a worker's, when no job of the lane waits or is being answered; the caller
  /// sees to it that none comes.
  void when_done(Lane& lane, std::function<void()> then);

  /// Accepts no more jobs; the waiting ones can still be taken.
  void close();

  size_t size() const;

  /// How many jobs wait or are being answered.
  const std::atomic<int>& unanswered() const { return unanswered_; }

 private:
  struct Work {
    const Lane* lane;
    Clock::time_point start;
  };

  bool is_slow(const Lane& lane) const;
  bool is_quick(const Lane& lane) const;
  bool are_all_held_up(Clock::time_point now) const;
  bool has_quick_job() const;
  std::condition_variable* bell_to_ring();
  void wait_for_job(std::unique_lock<std::mutex>& lock, Seat seat);
  void wait_in_reserve(std::unique_lock<std::mutex>& lock);
  void wait_for_more(std::unique_lock<std::mutex>& lock, Seat seat);
  std::shared_ptr<Lane> next_lane(Seat seat);
  std::vector<Job> take_from(Lane& lane);
  size_t share(const Lane& lane) const;
  std::condition_variable& bell(Seat seat) { return bells_[static_cast<size_t>(seat)]; }

  const QueueLimits limits_;
  mutable std::mutex mutex_;
  std::deque<std::shared_ptr<Lane>> lanes_;  // with waiting jobs, the one whose turn it is first
  size_t waiting_ = 0;                       // jobs in all of them
  std::vector<Work> at_work_;                // of workers, without the one in reserve
  std::condition_variable bells_[3];         // by seat
  int sleeping_[3] = {};                     // workers that wait for their bell
  std::atomic<int> unanswered_ = 0;
  bool closed_ = false;
};

}  // namespace smlt::serve
