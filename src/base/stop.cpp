#include "base/stop.hpp"

#include <pthread.h>
#include <signal.h>

namespace smlt {
namespace {

sigset_t stop_signals() {
  sigset_t set;
  ::sigemptyset(&set);
  ::sigaddset(&set, SIGTERM);
  ::sigaddset(&set, SIGINT);
  return set;
}

// Sent to the waiting thread alone, to end it.
constexpr int kEndWaiting = SIGUSR1;

void wait_for_signals(std::stop_source source) {
  sigset_t set = stop_signals();
  ::sigaddset(&set, kEndWaiting);
  for (int signal = 0; ::sigwait(&set, &signal) == 0 && signal != kEndWaiting;) source.request_stop();
}

}  // namespace

StopOnSignal::StopOnSignal() {
  sigset_t set = stop_signals();
  ::sigaddset(&set, kEndWaiting);
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  waiter_ = std::jthread([source = source_] { wait_for_signals(source); });
}

StopOnSignal::~StopOnSignal() { ::pthread_kill(waiter_.native_handle(), kEndWaiting); }

}  // namespace smlt
