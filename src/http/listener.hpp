#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <functional>

namespace smlt::http {

/// Listens on all addresses of this machine, IPv6 and IPv4 if it has both.
class Listener {
 public:
  using Socket = boost::asio::ip::tcp::socket;

  /// Binds: from now on clients can connect. Port 0 takes a free one. Throws UserError if the port is taken,
  /// PlatformError if it cannot be bound.
  Listener(boost::asio::io_context& context, int port);

  int port() const { return port_; }

  /// Calls `taken` with each connection, until `close`.
  void start(std::function<void(Socket)> taken);

  /// Resumes after a failure such as too many open files; otherwise does nothing.
  void retry();

  /// Takes the clients that have connected already, then stops listening.
  void close();

 private:
  void accept();
  void take_waiting(int most);

  boost::asio::ip::tcp::acceptor acceptor_;
  std::function<void(Socket)> taken_;
  int port_ = 0;
  bool failed_ = false;
};

}  // namespace smlt::http
