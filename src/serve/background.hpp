#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace smlt::serve {

/// Threads for work that takes long and must hold up neither the input/output thread nor a worker: loading models.
class Background {
 public:
  /// `most`: tasks that may wait.
  Background(int threads, size_t most);

  /// Does what waits, then ends.
  ~Background();

  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

  /// Returns false if too many tasks wait. A task must not throw. Callable from any thread.
  bool post(std::function<void()> task);

 private:
  void work();

  const size_t most_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> tasks_;
  bool closed_ = false;
  std::vector<std::jthread> threads_;  // last, because they use all the others
};

}  // namespace smlt::serve
