#include "http/listener.hpp"

#include <boost/asio/ip/v6_only.hpp>

#include "base/error.hpp"

namespace smlt::http {
namespace asio = boost::asio;
using asio::ip::tcp;
namespace {

constexpr int kBacklog = 4096;  // connections that wait to be accepted; the kernel may keep fewer
constexpr int kAtOnce = 64;     // of them accepted in one turn: one per turn is too slow for many clients under load

boost::system::error_code bind(tcp::acceptor& acceptor, const tcp::endpoint& endpoint) {
  boost::system::error_code error;
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
  if (!error && endpoint.protocol() == tcp::v6()) acceptor.set_option(asio::ip::v6_only(false), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(kBacklog, error);
  if (error) {
    boost::system::error_code ignored;
    acceptor.close(ignored);
  }
  return error;
}

[[noreturn]] void refuse(int port, const boost::system::error_code& error) {
  if (error == asio::error::address_in_use) {
    throw UserError(
        "Port {} is in use by another process; stop that one, or choose another port with --port or "
        "SAGEMAKER_BIND_TO_PORT.",
        port);
  }
  throw PlatformError("Cannot listen on port {}: {}.", port, error.message());
}

}  // namespace

Listener::Listener(asio::io_context& context, int port) : acceptor_(context) {
  const auto number = static_cast<unsigned short>(port);
  boost::system::error_code error = bind(acceptor_, {tcp::v6(), number});
  if (error && error != asio::error::address_in_use) error = bind(acceptor_, {tcp::v4(), number});
  if (error) refuse(port, error);
  acceptor_.non_blocking(true);
  port_ = acceptor_.local_endpoint().port();
}

void Listener::start(std::function<void(Socket)> taken) {
  taken_ = std::move(taken);
  accept();
}

void Listener::accept() {
  acceptor_.async_accept([this](const boost::system::error_code& error, Socket socket) {
    if (!acceptor_.is_open()) return;
    failed_ = true;  // until it has succeeded, also if `taken_` throws
    if (!error) {
      taken_(std::move(socket));
      take_waiting(kAtOnce);
    }
    // A client that has already left needs no wait; any other failure (EMFILE) would recur at once.
    if (!error || error == asio::error::connection_aborted) retry();
  });
}

void Listener::retry() {
  if (!std::exchange(failed_, false)) return;
  accept();
}

void Listener::take_waiting(int most) {
  boost::system::error_code error;
  for (int i = 0; i < most; ++i) {
    Socket socket(acceptor_.get_executor());
    acceptor_.accept(socket, error);
    if (error) return;
    taken_(std::move(socket));
  }
}

void Listener::close() {
  if (!acceptor_.is_open()) return;
  take_waiting(kBacklog);
  boost::system::error_code error;
  acceptor_.close(error);
}

}  // namespace smlt::http
