#pragma once

#include <thread>
#include <vector>

#include "serve/queue.hpp"

namespace smlt::serve {

/// The threads that answer a queue's jobs, with one compute thread each.
class Workers {
 public:
  /// `with_reserve`: one more, which helps quick lanes (serve/queue.hpp). Throws PlatformError if there is no room for
  /// so many. The queue outlives the object.
  Workers(Queue& queue, int count, bool with_reserve);

  /// Answers the waiting jobs, then ends.
  ~Workers();

  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

 private:
  void work(Seat seat);

  Queue& queue_;
  std::vector<std::jthread> threads_;
};

}  // namespace smlt::serve
