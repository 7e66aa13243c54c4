#include "serve/queue.hpp"

#include <algorithm>
#include <utility>

namespace smlt::serve {
namespace {

constexpr double kNewShare = 0.3;                       // of the last batch in the moving average
constexpr std::chrono::milliseconds kReserveLooks{10};  // how often, while quick jobs wait

size_t index_of(Seat seat) { return static_cast<size_t>(seat); }

}  // namespace

bool Queue::push(const std::shared_ptr<Lane>& lane, Job&& job) {
  std::unique_lock lock(mutex_);
  const size_t bytes = job.request.body.size();
  const bool has_begun = job.request.first_line > 1;
  const bool is_full = lane->jobs_.size() >= limits_.jobs || lane->bytes_ > limits_.bytes;
  if (closed_ || (is_full && !has_begun)) return false;
  lane->jobs_.push_back(std::move(job));
  lane->bytes_ += bytes;
  if (lane->jobs_.size() == 1) lanes_.push_back(lane);
  ++waiting_;
  ++unanswered_;
  std::condition_variable* const bell = bell_to_ring();
  lock.unlock();
  if (bell != nullptr) bell->notify_one();
  return true;
}

// Of one who can take the new job; null if nobody sleeps.
std::condition_variable* Queue::bell_to_ring() {
  for (const Seat seat : {Seat::kFirst, Seat::kOther, Seat::kReserve}) {
    if (sleeping_[index_of(seat)] > 0) return &bell(seat);
  }
  return nullptr;
}

Queue::Batch Queue::take(Seat seat) {
  std::unique_lock lock(mutex_);
  std::shared_ptr<Lane> lane;
  while (lane == nullptr) {
    seat == Seat::kReserve ? wait_in_reserve(lock) : wait_for_job(lock, seat);
    if (closed_ && (waiting_ == 0 || (seat == Seat::kReserve && !has_quick_job()))) return {};
    lane = next_lane(seat);
  }
  Batch batch{lane, take_from(*lane), 0, seat, Clock::now()};
  batch.size = batch.jobs.size();
  ++lane->at_work_;
  if (seat != Seat::kReserve) at_work_.push_back({lane.get(), batch.start});
  if (!lane->jobs_.empty()) lanes_.push_back(lane);
  // For what is left in any lane: its own bell may have woken this worker.
  std::condition_variable* const bell = waiting_ > 0 ? bell_to_ring() : nullptr;
  lock.unlock();
  if (bell != nullptr) bell->notify_one();
  return batch;
}

void Queue::wait_for_job(std::unique_lock<std::mutex>& lock, Seat seat) {
  ++sleeping_[index_of(seat)];
  bell(seat).wait(lock, [this] { return closed_ || waiting_ > 0; });
  if (limits_.delay.count() > 0) wait_for_more(lock, seat);
  --sleeping_[index_of(seat)];
}

void Queue::wait_in_reserve(std::unique_lock<std::mutex>& lock) {
  ++sleeping_[index_of(Seat::kReserve)];
  bell(Seat::kReserve).wait(lock, [this] { return closed_ || has_quick_job(); });
  --sleeping_[index_of(Seat::kReserve)];
  while (!closed_ && has_quick_job() && !are_all_held_up(Clock::now())) {
    bell(Seat::kReserve).wait_for(lock, kReserveLooks);
  }
}

void Queue::wait_for_more(std::unique_lock<std::mutex>& lock, Seat seat) {
  while (!closed_ && waiting_ > 0 && lanes_.front()->jobs_.size() < lanes_.front()->batch_) {
    const auto until = lanes_.front()->jobs_.front().arrived + limits_.delay;
    if (bell(seat).wait_until(lock, until) == std::cv_status::timeout) return;
  }
}

bool Queue::is_slow(const Lane& lane) const {
  return lane.seconds_ > std::chrono::duration<double>(limits_.slow).count();
}

bool Queue::is_quick(const Lane& lane) const { return lane.seconds_ > 0 && !is_slow(lane); }

bool Queue::are_all_held_up(Clock::time_point now) const {
  const auto held = std::count_if(at_work_.begin(), at_work_.end(), [&](const Work& work) {
    return is_slow(*work.lane) || now - work.start > limits_.slow;
  });
  return static_cast<size_t>(held) >= limits_.workers;
}

bool Queue::has_quick_job() const {
  return std::any_of(lanes_.begin(), lanes_.end(), [this](const auto& lane) { return is_quick(*lane); });
}

// Removes the lane whose turn it is from `lanes_`; null if this seat may take from none of them.
std::shared_ptr<Lane> Queue::next_lane(Seat seat) {
  const auto may_take = [&](const std::shared_ptr<Lane>& lane) { return seat != Seat::kReserve || is_quick(*lane); };
  const auto found = std::find_if(lanes_.begin(), lanes_.end(), may_take);
  if (found == lanes_.end()) return nullptr;
  std::shared_ptr<Lane> lane = std::move(*found);
  lanes_.erase(found);
  return lane;
}

std::vector<Job> Queue::take_from(Lane& lane) {
  std::vector<Job> batch;
  size_t bytes = 0;
  for (size_t left = share(lane); left > 0 && !lane.jobs_.empty(); --left) {
    bytes += lane.jobs_.front().request.body.size();
    if (!batch.empty() && bytes > limits_.batch_bytes) break;
    lane.bytes_ -= lane.jobs_.front().request.body.size();
    batch.push_back(std::move(lane.jobs_.front()));
    lane.jobs_.pop_front();
    --waiting_;
  }
  return batch;
}

size_t Queue::share(const Lane& lane) const {
  if (limits_.delay.count() > 0) return lane.batch_;  // a worker that waits for a whole batch takes it
  return std::min(lane.batch_, (lane.jobs_.size() + limits_.workers - 1) / limits_.workers);
}

void Queue::done(Batch batch) {
  std::unique_lock lock(mutex_);
  Lane& lane = *batch.lane;
  const double seconds = std::chrono::duration<double>(Clock::now() - batch.start).count();
  lane.seconds_ = lane.seconds_ == 0 ? seconds : (1 - kNewShare) * lane.seconds_ + kNewShare * seconds;
  const auto work = std::find_if(at_work_.begin(), at_work_.end(), [&](const Work& each) {
    return batch.seat != Seat::kReserve && each.lane == &lane && each.start == batch.start;
  });
  if (work != at_work_.end()) at_work_.erase(work);
  unanswered_ -= static_cast<int>(batch.size);
  --lane.at_work_;
  const bool is_done = lane.jobs_.empty() && lane.at_work_ == 0;
  const std::function<void()> then = is_done ? std::exchange(lane.when_done_, nullptr) : nullptr;
  batch.lane.reset();  // whoever waits for the lane may destroy it
  lock.unlock();
  if (then) then();
}

void Queue::when_done(Lane& lane, std::function<void()> then) {
  {
    const std::scoped_lock lock(mutex_);
    if (!lane.jobs_.empty() || lane.at_work_ > 0) {
      lane.when_done_ = std::move(then);
      return;
    }
  }
  then();
}

bool Queue::stays_empty(Seat seat, std::chrono::milliseconds time) {
  std::unique_lock lock(mutex_);
  ++sleeping_[index_of(seat)];
  const bool came = bell(seat).wait_for(lock, time, [this] { return closed_ || waiting_ > 0; });
  --sleeping_[index_of(seat)];
  return !came;
}

void Queue::close() {
  {
    const std::scoped_lock lock(mutex_);
    closed_ = true;
  }
  for (std::condition_variable& bell : bells_) bell.notify_all();
}

size_t Queue::size() const {
  const std::scoped_lock lock(mutex_);
  return waiting_;
}

}  // namespace smlt::serve
