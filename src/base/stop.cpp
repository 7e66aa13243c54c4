#include "base/stop.hpp"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/error.hpp"

namespace smlt {
namespace {

sigset_t stop_signals() {
  sigset_t set;
  ::sigemptyset(&set);
  ::sigaddset(&set, SIGTERM);
  ::sigaddset(&set, SIGINT);
  return set;
}

int checked(int fd) {
  if (fd < 0) throw PlatformError("Cannot watch for signals: {}.", std::strerror(errno));
  return fd;
}

// Until `end` becomes readable. Reading a signal consumes it; the next one is reported again.
void watch(int signals, int end, const std::stop_source& source) {
  std::array<pollfd, 2> watched = {pollfd{signals, POLLIN, 0}, pollfd{end, POLLIN, 0}};
  while (true) {
    if (::poll(watched.data(), watched.size(), -1) < 0 && errno != EINTR) return;
    if (watched[1].revents != 0) return;
    signalfd_siginfo info{};
    if (watched[0].revents != 0 && ::read(signals, &info, sizeof info) == sizeof info) source.request_stop();
  }
}

}  // namespace

StopOnSignal::StopOnSignal() {
  const sigset_t set = stop_signals();
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  signals_ = checked(::signalfd(-1, &set, SFD_CLOEXEC));
  end_ = checked(::eventfd(0, EFD_CLOEXEC));
  watcher_ = std::jthread([this, source = source_] { watch(signals_, end_, source); });
}

StopOnSignal::~StopOnSignal() {
  ::eventfd_write(end_, 1);
  watcher_.join();
  ::close(end_);
  ::close(signals_);
}

}  // namespace smlt
