#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
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

struct QueueLimits {
  size_t jobs = 1024;                    // that may wait; more are refused
  size_t batch = 32;                     // most that one worker takes
  size_t batch_bytes = size_t{1} << 20;  // of all bodies it takes together; a single one may be larger
  size_t workers = 1;                    // that take jobs
  std::chrono::milliseconds delay{0};    // how long the first of a batch waits for more; 0: not at all
};

/// The waiting jobs, first come, first served. A worker takes its share (the number of waiting jobs divided by the
/// number of workers), so a burst is spread over all of them.
class Queue {
 public:
  explicit Queue(const QueueLimits& limits) : limits_(limits) {}

  /// Returns false, and leaves the job untouched, if the queue is closed, or if it is full: a later part of a body
  /// whose answer has begun is always taken. Never blocks for long.
  bool push(Job&& job);

  /// Waits for the next batch. Empty if the queue is closed and nothing is left.
  std::vector<Job> take();

  /// Waits: true if nothing arrives for this long, false as soon as a job arrives or the queue is closed.
  bool stays_empty(std::chrono::milliseconds time);

  /// Accepts no more jobs; the waiting ones can still be taken.
  void close();

  size_t size() const;

 private:
  void wait_for_more(std::unique_lock<std::mutex>& lock);
  size_t share() const;

  const QueueLimits limits_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Job> jobs_;
  size_t sleeping_ = 0;  // workers waiting for `changed_`
  bool closed_ = false;
};

}  // namespace smlt::serve
