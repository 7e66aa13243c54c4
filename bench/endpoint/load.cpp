// A load generator: keep-alive connections to an endpoint on this machine, each with one request at a time.
//
//   bench-load --port 8080 --connections 32 --seconds 5 --type application/x-npy --body a.npy [--expect a.out]
//              [--body b.npy --expect b.out]... [--accept TYPE] [--tolerance 1e-4] [--path /invocations] [--requests N]
//
// Bodies are sent in turn. An answer that is not 200 or not as expected is an error, as is a connection that the server
// closes (another is opened in its place). Prints one line of JSON.
#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <iterator>

#include "bench/endpoint/answers.hpp"

namespace {

using Clock = std::chrono::steady_clock;

struct Options {
  int port = 8080;
  int connections = 1;
  double seconds = 5;
  int64_t requests = 0;  // 0: as many as time allows
  std::string path = "/invocations";
  std::string type = "application/x-npy";
  std::string accept;
  double tolerance = 0;
  std::vector<std::string> bodies;
  std::vector<std::string> expected;
};

struct Connection {
  int fd = -1;
  size_t body = 0;  // which one was sent
  size_t sent = 0;
  std::string received;
  Clock::time_point began{};
};

struct Tally {
  std::vector<float> milliseconds;
  int64_t errors = 0;
  std::string first_error;
  void error(const std::string& what) {
    if (errors++ == 0) first_error = what;
  }
};

[[noreturn]] void fail(const std::string& sentence) {
  fmt::print(stderr, "bench-load: {}\n", sentence);
  std::exit(1);
}

std::string content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) fail("cannot read " + path);
  return {std::istreambuf_iterator<char>(file), {}};
}

Options read_options(int argc, char** argv) {
  Options options;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string name = argv[i];
    const std::string value = argv[i + 1];
    if (name == "--port")
      options.port = std::stoi(value);
    else if (name == "--connections")
      options.connections = std::stoi(value);
    else if (name == "--seconds")
      options.seconds = std::stod(value);
    else if (name == "--requests")
      options.requests = std::stoll(value);
    else if (name == "--path")
      options.path = value;
    else if (name == "--type")
      options.type = value;
    else if (name == "--accept")
      options.accept = value;
    else if (name == "--tolerance")
      options.tolerance = std::stod(value);
    else if (name == "--body")
      options.bodies.push_back(content(value));
    else if (name == "--expect")
      options.expected.push_back(content(value));
    else
      fail("unknown option " + name);
  }
  if (options.bodies.empty()) fail("expected at least one --body FILE");
  options.expected.resize(options.bodies.size());
  return options;
}

std::string request_for(const Options& options, const std::string& body) {
  const std::string accept = options.accept.empty() ? "" : "Accept: " + options.accept + "\r\n";
  return fmt::format("POST {} HTTP/1.1\r\nHost: localhost:{}\r\nContent-Type: {}\r\n{}Content-Length: {}\r\n\r\n",
                     options.path, options.port, options.type, accept, body.size()) +
         body;
}

class Load {
 public:
  explicit Load(const Options& options) : options_(options), epoll_(::epoll_create1(0)) {
    for (const std::string& body : options.bodies) requests_.push_back(request_for(options, body));
    connections_.resize(static_cast<size_t>(options.connections));
    for (size_t i = 0; i < connections_.size(); ++i) connect(i);
  }

  double run() {
    const auto began = Clock::now();
    const auto end =
        began + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(options_.seconds));
    for (Connection& connection : connections_) send_next(connection);
    std::vector<epoll_event> events(connections_.size());
    while (Clock::now() < end && !is_enough()) {
      const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), 100);
      for (int i = 0; i < count; ++i) serve(connections_[events[static_cast<size_t>(i)].data.u64]);
    }
    return std::chrono::duration<double>(Clock::now() - began).count();
  }

  Tally tally;

 private:
  bool is_enough() const {
    return options_.requests > 0 && static_cast<int64_t>(tally.milliseconds.size()) + tally.errors >= options_.requests;
  }

  void connect(size_t i) {
    Connection& connection = connections_[i];
    connection.fd = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(options_.port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(connection.fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
      fail(fmt::format("cannot connect to port {}", options_.port));
    const int on = 1;
    ::setsockopt(connection.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = i;
    ::epoll_ctl(epoll_, EPOLL_CTL_ADD, connection.fd, &event);
  }

  // Blocks for a body larger than the socket's buffer: the server reads meanwhile.
  void send_next(Connection& connection) {
    connection.body = next_++ % requests_.size();
    connection.began = Clock::now();
    std::string_view rest = requests_[connection.body];
    while (!rest.empty()) {
      const ssize_t sent = ::send(connection.fd, rest.data(), rest.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;  // closed: `serve` will see it
      rest.remove_prefix(static_cast<size_t>(sent));
    }
  }

  void serve(Connection& connection) {
    static char buffer[1 << 20];
    const ssize_t bytes = ::recv(connection.fd, buffer, sizeof buffer, 0);
    if (bytes <= 0) return replace(connection);
    connection.received.append(buffer, static_cast<size_t>(bytes));
    const size_t head = connection.received.find("\r\n\r\n");
    if (head == std::string::npos) return;
    const size_t size = length_of(std::string_view(connection.received).substr(0, head + 2));
    if (connection.received.size() < head + 4 + size) return;
    record(connection, std::string_view(connection.received).substr(head + 4, size));
    connection.received.clear();
    send_next(connection);
  }

  void replace(Connection& connection) {
    tally.error("the server closed a connection");
    ::close(connection.fd);
    connection.received.clear();
    connect(static_cast<size_t>(&connection - connections_.data()));
    send_next(connection);
  }

  static size_t length_of(std::string_view head) {
    for (const char* name : {"\r\nContent-Length: ", "\r\ncontent-length: "}) {
      const size_t found = head.find(name);
      if (found != std::string_view::npos) return static_cast<size_t>(std::atol(head.data() + found + 18));
    }
    fail("a response without Content-Length");
  }

  void record(Connection& connection, std::string_view body) {
    const std::chrono::duration<float, std::milli> took = Clock::now() - connection.began;
    const std::string& expected = options_.expected[connection.body];
    if (connection.received.compare(9, 3, "200") != 0) {
      tally.error(connection.received.substr(0, connection.received.find('\r')));
    } else if (!bench::is_right(body, expected, options_.tolerance)) {
      tally.error("a wrong answer: " + std::string(body.substr(0, 300)));
    } else {
      tally.milliseconds.push_back(took.count());
    }
  }

  const Options& options_;
  int epoll_;
  std::vector<std::string> requests_;
  std::vector<Connection> connections_;
  size_t next_ = 0;
};

float quantile(const std::vector<float>& sorted, double share) {
  return sorted.empty() ? 0 : sorted[static_cast<size_t>(share * static_cast<double>(sorted.size() - 1))];
}

}  // namespace

int main(int argc, char** argv) {
  const Options options = read_options(argc, argv);
  Load load(options);
  const double seconds = load.run();
  std::vector<float>& times = load.tally.milliseconds;
  std::sort(times.begin(), times.end());
  fmt::print(
      "{{\"connections\": {}, \"requests\": {}, \"errors\": {}, \"seconds\": {:.3f}, \"per_second\": {:.0f}, "
      "\"p50_ms\": {:.3f}, "
      "\"p99_ms\": {:.3f}, \"max_ms\": {:.3f}}}\n",
      options.connections, times.size(), load.tally.errors, seconds, static_cast<double>(times.size()) / seconds,
      quantile(times, 0.5), quantile(times, 0.99), quantile(times, 1));
  if (load.tally.errors == 0) return 0;
  fmt::print(stderr, "bench-load: the first error: {}\n", load.tally.first_error);
  return 1;
}
