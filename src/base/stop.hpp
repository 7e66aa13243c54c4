#pragma once

#include <stop_token>
#include <thread>

namespace smlt {

/// Turns SIGTERM and SIGINT into a requested stop, however often they come. SageMaker sends SIGTERM when a job is
/// stopped, runs out of time or loses its spot instance, and SIGKILL 120 s later (platform 7). The signals are blocked
/// in the constructing thread and so in every thread started after it: construct this first. A dedicated thread waits
/// for them.
class StopOnSignal {
 public:
  StopOnSignal();
  ~StopOnSignal();
  StopOnSignal(const StopOnSignal&) = delete;
  StopOnSignal& operator=(const StopOnSignal&) = delete;

  std::stop_token token() const { return source_.get_token(); }

 private:
  std::stop_source source_;
  int signals_ = -1;  // a signalfd
  int end_ = -1;      // an eventfd that ends the watcher
  std::jthread watcher_;
};

}  // namespace smlt
