#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <vector>

#include "http/listener.hpp"
#include "http/shared.hpp"

namespace smlt::http {

struct ServerOptions {
  int port = 8080;
  Limits limits = {};
  bool logs_all = false;  // every request; otherwise errors and those with an Inference-Id
};

/// An HTTP/1.1 server on one input/output thread: the one that calls `run`.
class Server {
 public:
  /// From now on clients can connect; `run` answers them. Throws as Listener does.
  Server(const ServerOptions& options, std::vector<Route> routes, Output& log);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  int port() const { return listener_.port(); }

  /// Serves until `drain` is complete and the request log is written.
  void run();

  /// Stops accepting connections, refuses new requests (503), and ends `run` when every request that has begun is
  /// answered, or after `limit`. Callable from any thread; the first call counts.
  void drain(std::chrono::milliseconds limit);

  /// Runs `task` on the input/output thread. Callable from any thread.
  void post(std::function<void()> task);

  /// In Prometheus' text format. Call it on the input/output thread.
  std::string metrics();

 private:
  void take(Listener::Socket socket);
  bool make_room();
  void tick();
  bool is_drained(std::chrono::steady_clock::time_point now) const;

  boost::asio::io_context context_{1};  // run by one thread
  Shared shared_;
  Listener listener_;
  boost::asio::steady_timer timer_;
  bool is_ticking_ = false;
  std::chrono::steady_clock::time_point drain_began_{};
  std::chrono::steady_clock::time_point drain_until_{};
};

}  // namespace smlt::http
