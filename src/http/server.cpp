#include "http/server.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <exception>
#include <thread>

#include "http/connection.hpp"

namespace smlt::http {
namespace asio = boost::asio;
namespace {

constexpr std::chrono::milliseconds kDrainTick{10};
constexpr std::chrono::milliseconds kDrainLeast{50};  // so that a request on its way learns of it

}  // namespace

Server::Server(const ServerOptions& options, std::vector<Route> routes, Output& log)
    : shared_(options.limits, std::move(routes), options.logs_all, log),
      listener_(context_, options.port),
      timer_(context_) {
  shared_.outbox = std::make_shared<Outbox>(context_);
  for (const Route& route : shared_.routes) shared_.metrics.paths.push_back({route.path, {}, {}});
  shared_.metrics.paths.push_back({"other", {}, {}});
}

Server::~Server() { shared_.outbox->close(); }

void Server::run() {
  listener_.start([this](Listener::Socket socket) { take(std::move(socket)); });
  while (!context_.stopped()) {
    try {
      if (!is_ticking_) tick();
      context_.run();
    } catch (const std::exception& e) {  // memory ran out, most likely, which must not end the endpoint
      shared_.log.line("The server continues after a failure: ", e.what());
      if (!is_ticking_) std::this_thread::sleep_for(kDrainTick);  // there is no memory for anything yet
    }
  }
  shared_.log.close();
}

void Server::post(std::function<void()> task) { asio::post(context_, std::move(task)); }

void Server::drain(std::chrono::milliseconds limit) {
  post([this, limit] {
    if (shared_.draining) return;
    shared_.draining = true;
    drain_began_ = std::chrono::steady_clock::now();
    drain_until_ = drain_began_ + limit;
    timer_.cancel();    // the ticks come faster now
    listener_.close();  // last, because it may fail and the rest must happen anyway
  });
}

std::string Server::metrics() {
  shared_.metrics.connections_open = shared_.connections.size();
  shared_.metrics.body_bytes = shared_.budget->used();
  return shared_.metrics.lines();
}

void Server::take(Listener::Socket socket) {
  ++shared_.metrics.connections_accepted;
  if (shared_.connections.size() >= shared_.limits.max_connections && !make_room()) {
    ++shared_.metrics.connections_refused;
    return;  // the socket closes
  }
  const auto connection = std::make_shared<Connection>(shared_, std::move(socket));
  connection->start(shared_.connections.insert(shared_.connections.end(), connection));
}

// The connection that has been idle longest goes: else a crowd of silent clients would shut out everybody.
bool Server::make_room() {
  for (const std::shared_ptr<Connection>& connection : shared_.connections) {
    if (!connection->owes_nothing()) continue;
    ++shared_.metrics.connections_refused;
    std::shared_ptr<Connection>(connection)->close();
    return true;
  }
  return false;
}

void Server::tick() {
  is_ticking_ = false;  // if there is no memory for the next one
  timer_.expires_after(shared_.draining ? kDrainTick : shared_.limits.tick);
  timer_.async_wait([this](const boost::system::error_code&) { tick(); });
  is_ticking_ = true;
  const auto now = std::chrono::steady_clock::now();
  for (auto next = shared_.connections.begin(); next != shared_.connections.end();) {
    const std::shared_ptr<Connection> connection = *next++;
    connection->check_deadline(now);
  }
  listener_.retry();
  if (shared_.draining && is_drained(now)) context_.stop();
}

bool Server::is_drained(std::chrono::steady_clock::time_point now) const {
  if (now >= drain_until_) return true;
  if (now < drain_began_ + kDrainLeast) return false;
  return std::none_of(shared_.connections.begin(), shared_.connections.end(),
                      [&](const std::shared_ptr<Connection>& connection) { return connection->is_busy(now); });
}

}  // namespace smlt::http
