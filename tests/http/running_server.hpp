// A server on its own port, and a client on plain sockets that sees every byte.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <future>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "http/problem.hpp"
#include "http/server.hpp"

namespace smlt::test {

using namespace std::chrono_literals;

/// Whether it becomes true, however long a busy machine takes.
template <typename Condition>
bool eventually(Condition condition) {
  const auto until = std::chrono::steady_clock::now() + 30s;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(1ms);
  }
  return true;
}

class RunningServer {
 public:
  /// `log`: a descriptor for the request log; none by default.
  explicit RunningServer(std::vector<http::Route> routes, const http::Limits& limits = {}, int log = -1)
      : log_(log), server_({0, limits, false}, std::move(routes), log_), thread_([this] { server_.run(); }) {}
  ~RunningServer() { stop(0ms); }

  int port() const { return server_.port(); }
  http::Server& server() { return server_; }
  std::string metrics() {
    std::promise<std::string> lines;
    server_.post([&] { lines.set_value(server_.metrics()); });
    return lines.get_future().get();
  }
  size_t body_bytes() {
    const std::string lines = metrics();
    const std::string name = "\nsmlt_http_body_bytes ";
    return std::stoul(lines.substr(lines.find(name) + name.size()));
  }
  void stop(std::chrono::milliseconds limit) {
    server_.drain(limit);
    if (thread_.joinable()) thread_.join();
  }

 private:
  Output log_;
  http::Server server_;
  std::jthread thread_;
};

class Client {
 public:
  /// `before_connecting` is called between socket and connect.
  template <typename Before>
  Client(int port, Before before_connecting) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    before_connecting();
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
      throw std::runtime_error("cannot connect");
  }
  explicit Client(int port) : Client(port, [] {}) {}
  ~Client() { close(); }
  Client(const Client&) = delete;
  Client(Client&& other) noexcept : fd_(std::exchange(other.fd_, -1)), received_(std::move(other.received_)) {}
  Client& operator=(const Client&) = delete;

  void close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }
  /// The server's next write fails.
  void reset() {
    const linger at_once{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close();
  }
  void end_of_requests() { ::shutdown(fd_, SHUT_WR); }

  /// False if the server has closed.
  bool send(std::string_view text) {
    while (!text.empty()) {
      const ssize_t sent = ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      text.remove_prefix(static_cast<size_t>(sent));
    }
    return true;
  }

  /// One response: its head, and as many bytes as Content-Length says; otherwise everything received before the server
  /// closed.
  std::string response(bool has_body = true) {
    size_t end = std::string::npos;
    while ((end = received_.find("\r\n\r\n")) == std::string::npos && receive()) {
    }
    if (end == std::string::npos) return std::exchange(received_, {});
    size_t size = end + 4;
    const size_t field = received_.find("Content-Length: ");
    if (has_body && field < end) size += std::stoul(received_.substr(field + 16));
    while (received_.size() < size && receive()) {
    }
    std::string whole = received_.substr(0, size);
    received_.erase(0, size);
    return whole;
  }

  /// Everything up to the end of the first such text, or what came before the server closed.
  std::string until(std::string_view end) {
    size_t found = std::string::npos;
    size_t searched = 0;
    while ((found = received_.find(end, searched)) == std::string::npos) {
      searched = received_.size() - std::min(received_.size(), end.size());
      if (!receive()) return take();
    }
    std::string text = received_.substr(0, found + end.size());
    received_.erase(0, text.size());
    return text;
  }

  /// What has been received and not yet been looked at.
  std::string take() { return std::exchange(received_, {}); }

  std::string ask(std::string_view text) {
    send(text);
    return response();
  }

  /// Everything until the server closes, or "timeout" is appended.
  std::string until_close() {
    while (receive()) {
    }
    return std::exchange(received_, {});
  }

  bool receive(int milliseconds = 10'000) {
    pollfd watched{fd_, POLLIN, 0};
    if (::poll(&watched, 1, milliseconds) <= 0) {
      received_ += "timeout";
      return false;
    }
    std::string piece(65536, '\0');
    const ssize_t bytes = ::recv(fd_, piece.data(), piece.size(), 0);
    if (bytes <= 0) return false;
    received_.append(piece, 0, static_cast<size_t>(bytes));
    return true;
  }

 private:
  int fd_;
  std::string received_;
};

inline std::string body_of(const std::string& response) {
  const size_t end = response.find("\r\n\r\n");
  return end == std::string::npos ? "" : response.substr(end + 4);
}

/// A response without the line that changes each second; unchanged if that line is missing.
inline std::string without_date(std::string response) {
  const size_t start = response.find("Date: ");
  if (start != std::string::npos) response.erase(start, response.find("\r\n", start) + 2 - start);
  return response;
}

inline int status_of(const std::string& response) {
  return response.starts_with("HTTP/1.1 ") ? std::stoi(response.substr(9, 3)) : 0;
}

inline std::string get(const std::string& path) { return "GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n"; }

inline std::string post(const std::string& path, const std::string& body, const std::string& headers = "") {
  return "POST " + path + " HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + headers +
         "\r\n" + body;
}

/// GET /ping answers with nothing, POST /echo with the body, POST /invocations likewise from another thread.
inline std::vector<http::Route> echo_routes() {
  const auto echo = [](http::Request request, const http::Reply& reply) {
    reply({200, "text/plain", {}, std::move(request.body)});
  };
  const auto later = [](http::Request request, http::Reply reply) {
    std::thread([request = std::move(request), reply = std::move(reply)]() mutable {
      reply({200, "text/plain", {}, std::move(request.body)});
    }).detach();
  };
  return {{"/ping", {"GET"}, [](const http::Request&, const http::Reply& reply) { reply({}); }, {}, false},
          {"/echo", {"POST"}, echo},
          {"/invocations", {"POST"}, later}};
}

}  // namespace smlt::test
