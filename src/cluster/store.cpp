#include "cluster/store.hpp"

#include <c10/util/Logging.h>
#include <netdb.h>
#include <nss.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

#include "base/error.hpp"
#include "base/text.hpp"
#include "cluster/pause.hpp"

namespace smlt::cluster {
namespace {

constexpr std::chrono::milliseconds kConnectTime = std::chrono::seconds(1);

// c10d writes a warning with twelve lines of stack to stderr whenever a rank goes away.
void silence_warnings() { FLAGS_caffe2_log_level = std::max(FLAGS_caffe2_log_level, 2); }

// The store asks DNS for the name of each address that connects, on the one thread that answers all ranks, only to have
// it for a log line. In a container without a name server, that stops the job for 10 s per connection. From here on,
// addresses are numbers, so this process needs DNS no more.
void do_without_dns() { ::__nss_configure_lookup("hosts", "files"); }

bool connects(int fd, const addrinfo& target) {
  if (::connect(fd, target.ai_addr, target.ai_addrlen) == 0) return true;
  pollfd waiting = {fd, POLLOUT, 0};
  int error = 0;
  socklen_t size = sizeof error;
  return ::poll(&waiting, 1, static_cast<int>(kConnectTime.count())) == 1 &&
         ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0;
}

bool is_served(const std::string& address, uint16_t port) {
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICHOST;
  addrinfo* found = nullptr;
  if (::getaddrinfo(address.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) return false;
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> target(found, &::freeaddrinfo);
  const int fd = ::socket(target->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return false;
  const bool served = connects(fd, *target);
  ::close(fd);
  return served;
}

// TCPStore would wait by itself, but could not be stopped.
void wait_until_served(const Place& place, const std::string& master, const Patience& patience,
                       const std::stop_token& stop) {
  const auto end = std::chrono::steady_clock::now() + patience.give_up;
  const auto delay = std::min<std::chrono::milliseconds>(patience.longest_delay, std::chrono::milliseconds(200));
  while (!is_served(master, place.port)) {
    if (std::chrono::steady_clock::now() > end) {
      throw PlatformError(
          "Expected host {} to answer on port {} within {} s, found no answer at {}; look into its log.",
          in_quotes(place.master()), place.port,
          std::chrono::duration_cast<std::chrono::seconds>(patience.give_up).count(), master);
    }
    if (pause(stop, delay)) {
      throw PlatformError("The job was stopped while it waited for host {}.", in_quotes(place.master()));
    }
  }
}

}  // namespace

c10::intrusive_ptr<c10d::Store> open_store(const Place& place, const std::string& master, bool serve,
                                           const Patience& patience, const std::stop_token& stop) {
  silence_warnings();
  do_without_dns();
  if (!serve) wait_until_served(place, master, patience, stop);
  c10d::TCPStoreOptions options;
  options.port = place.port;
  options.isServer = serve;
  options.waitWorkers = false;
  options.timeout = std::chrono::seconds(60);
  try {
    return c10::make_intrusive<c10d::TCPStore>(master, options);
  } catch (const c10::Error& e) {
    throw PlatformError("Cannot {} port {} of host {}: {}.", serve ? "listen on" : "connect to", place.port,
                        in_quotes(place.master()), shortened(e.what_without_backtrace(), 200));
  }
}

}  // namespace smlt::cluster
