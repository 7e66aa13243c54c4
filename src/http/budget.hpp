#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <utility>

namespace smlt::http {

/// The bytes that the bodies of all requests may take together. Callable from any thread.
class Budget {
 public:
  explicit Budget(size_t limit) : limit_(limit) {}

  bool take(size_t bytes) {
    if (used_.fetch_add(bytes, std::memory_order_relaxed) + bytes <= limit_) return true;
    give_back(bytes);
    return false;
  }
  void give_back(size_t bytes) { used_.fetch_sub(bytes, std::memory_order_relaxed); }
  size_t used() const { return used_.load(std::memory_order_relaxed); }

 private:
  const size_t limit_;
  std::atomic<size_t> used_{0};
};

/// What one request has taken from a budget, returned when the request ends.
class Charge {
 public:
  explicit Charge(std::shared_ptr<Budget> budget) : budget_(std::move(budget)) {}
  Charge(Charge&& other) noexcept : budget_(std::move(other.budget_)), bytes_(std::exchange(other.bytes_, 0)) {}
  Charge& operator=(Charge&&) = delete;
  ~Charge() {
    if (budget_) budget_->give_back(bytes_);
  }

  /// Returns false and takes nothing if the budget is spent.
  bool add(size_t bytes) {
    if (!budget_->take(bytes)) return false;
    bytes_ += bytes;
    return true;
  }

 private:
  std::shared_ptr<Budget> budget_;
  size_t bytes_ = 0;
};

}  // namespace smlt::http
