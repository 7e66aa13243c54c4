#include "serve/queue.hpp"

#include <algorithm>
#include <utility>

namespace smlt::serve {

bool Queue::push(Job&& job) {
  bool wake = false;
  {
    const std::scoped_lock lock(mutex_);
    const bool has_begun = job.request.first_line > 1;
    if (closed_ || (jobs_.size() >= limits_.jobs && !has_begun)) return false;
    jobs_.push_back(std::move(job));
    wake = sleeping_ > 0;
  }
  if (wake) changed_.notify_one();
  return true;
}

std::vector<Job> Queue::take() {
  std::unique_lock lock(mutex_);
  ++sleeping_;
  do {
    changed_.wait(lock, [this] { return closed_ || !jobs_.empty(); });
    if (limits_.delay.count() > 0) wait_for_more(lock);
  } while (jobs_.empty() && !closed_);  // another worker was faster
  --sleeping_;
  std::vector<Job> batch;
  size_t bytes = 0;
  for (size_t left = share(); left > 0 && !jobs_.empty(); --left) {
    bytes += jobs_.front().request.body.size();
    if (!batch.empty() && bytes > limits_.batch_bytes) break;
    batch.push_back(std::move(jobs_.front()));
    jobs_.pop_front();
  }
  return batch;
}

bool Queue::stays_empty(std::chrono::milliseconds time) {
  std::unique_lock lock(mutex_);
  ++sleeping_;
  const bool came = changed_.wait_for(lock, time, [this] { return closed_ || !jobs_.empty(); });
  --sleeping_;
  return !came;
}

void Queue::wait_for_more(std::unique_lock<std::mutex>& lock) {
  while (!closed_ && !jobs_.empty() && jobs_.size() < limits_.batch) {
    const auto until = jobs_.front().arrived + limits_.delay;
    if (changed_.wait_until(lock, until) == std::cv_status::timeout) return;
  }
}

size_t Queue::share() const {
  if (limits_.delay.count() > 0) return limits_.batch;  // a worker that waits for a whole batch takes it
  return std::min(limits_.batch, (jobs_.size() + limits_.workers - 1) / limits_.workers);
}

void Queue::close() {
  {
    const std::scoped_lock lock(mutex_);
    closed_ = true;
  }
  changed_.notify_all();
}

size_t Queue::size() const {
  const std::scoped_lock lock(mutex_);
  return jobs_.size();
}

}  // namespace smlt::serve
