// Bodies of lines that are answered in parts while they arrive.
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cctype>
#include <deque>
#include <mutex>

#include "tests/catch.hpp"
#include "tests/http/running_server.hpp"

using namespace smlt;
using namespace smlt::test;

namespace {

constexpr std::string_view kHead =
    "POST /lines HTTP/1.1\r\nHost: a\r\nContent-Type: text/csv\r\nTransfer-Encoding: chunked\r\n\r\n";
constexpr std::string_view kLast = "0\r\n\r\n";

std::string chunk(std::string_view text) { return fmt::format("{:x}\r\n{}\r\n", text.size(), text); }

std::string in_capitals(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::toupper(c); });
  return text;
}

// One path whose CSV bodies are answered in parts.
std::vector<http::Route> lines_route(http::Handler handler) {
  http::Route route{"/lines", {"POST"}, std::move(handler)};
  route.takes_parts = [](const http::Request& head) { return head.header("Content-Type") == "text/csv"; };
  return {route};
}

http::Handler in_capitals_at_once() {
  return [](const http::Request& request, const http::Reply& reply) {
    reply({200, "text/csv", {}, in_capitals(request.body)});
  };
}

// Keeps what it is asked until the test answers.
class Kept {
 public:
  http::Handler handler() {
    return [this](http::Request request, http::Reply reply) {
      const std::lock_guard lock(mutex_);
      waiting_.emplace_back(std::move(request), std::move(reply));
    };
  }
  size_t size() {
    const std::lock_guard lock(mutex_);
    return waiting_.size();
  }
  std::pair<http::Request, http::Reply>& at(size_t index) {
    const std::lock_guard lock(mutex_);
    return waiting_.at(index);
  }

 private:
  std::mutex mutex_;
  std::deque<std::pair<http::Request, http::Reply>> waiting_;
};

// The body of a chunked response that is complete.
std::string unchunked(std::string_view response) {
  std::string_view rest = response.substr(response.find("\r\n\r\n") + 4);
  std::string body;
  while (true) {
    const size_t size = std::stoul(std::string(rest.substr(0, rest.find("\r\n"))), nullptr, 16);
    if (size == 0) return body;
    body += rest.substr(rest.find("\r\n") + 2, size);
    rest.remove_prefix(rest.find("\r\n") + 2 + size + 2);
  }
}

}  // namespace

TEST_CASE("Lines are answered while the rest of the body is still to come", "[http]") {
  RunningServer server(lines_route(in_capitals_at_once()));
  Client client(server.port());
  client.send(kHead);
  client.send(chunk("ab\nc"));
  const std::string begin = client.until("AB\n\r\n");
  CHECK_THAT(begin, ContainsSubstring("HTTP/1.1 200 OK\r\n"));
  CHECK_THAT(begin, ContainsSubstring("\r\nTransfer-Encoding: chunked\r\n"));
  CHECK_THAT(begin, !ContainsSubstring("Content-Length"));
  client.send(chunk("d\n"));
  CHECK(client.until("CD\n\r\n") == "3\r\nCD\n\r\n");
  client.send(chunk("e") + std::string(kLast));
  CHECK(client.until(kLast) == "1\r\nE\r\n0\r\n\r\n");
  CHECK(status_of(client.ask(post("/lines", "x", "Content-Type: text/csv\r\n"))) == 200);  // the connection goes on
}

TEST_CASE("Parts are answered in any order and sent in theirs, each knowing its first line", "[http]") {
  Kept kept;
  http::Limits limits;
  limits.part = 4;
  RunningServer server(lines_route(kept.handler()), limits);
  Client client(server.port());
  client.send(kHead);
  client.send(chunk("a\nb\n"));
  REQUIRE(eventually([&] { return kept.size() == 1; }));
  client.send(chunk("c\n"));  // too little for a part beside another
  client.send(chunk("d\n"));
  REQUIRE(eventually([&] { return kept.size() == 2; }));
  client.send(chunk("e\nf\n"));
  REQUIRE(eventually([&] { return kept.size() == 3; }));
  client.send(chunk("g") + std::string(kLast));
  REQUIRE(eventually([&] { return kept.size() == 4; }));
  CHECK(kept.at(0).first.first_line == 1);
  CHECK(kept.at(1).first.first_line == 3);
  CHECK(kept.at(1).first.body == "c\nd\n");
  CHECK(kept.at(2).first.first_line == 5);
  CHECK(kept.at(2).first.header("Content-Type") == "text/csv");
  for (size_t part = 4; part-- > 0;) kept.at(part).second({200, "text/csv", {}, kept.at(part).first.body});
  CHECK(unchunked(client.until(kLast)) == "a\nb\nc\nd\ne\nf\ng");
}

TEST_CASE("Only bodies of unknown length on a route that wants it come in parts", "[http]") {
  Kept kept;
  RunningServer server(lines_route(kept.handler()));
  Client client(server.port());
  client.send(post("/lines", "a\nb\n", "Content-Type: text/csv\r\n"));
  REQUIRE(eventually([&] { return kept.size() == 1; }));
  CHECK(kept.at(0).first.first_line == 0);
  kept.at(0).second({200, "", {}, ""});
  client.response();
  client.send("POST /lines HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk("a\nb\n"));
  client.send(kLast);
  REQUIRE(eventually([&] { return kept.size() == 2; }));
  CHECK(kept.at(1).first.first_line == 0);
  CHECK(kept.at(1).first.body == "a\nb\n");
  kept.at(1).second({200, "", {}, ""});
  client.response();
  client.send(std::string(kHead) + std::string(kLast));  // no lines at all
  REQUIRE(eventually([&] { return kept.size() == 3; }));
  CHECK(kept.at(2).first.first_line == 0);
}

TEST_CASE("Whether a body comes in parts is decided once, with its head", "[http]") {
  Kept kept;
  std::vector<http::Route> routes = lines_route(kept.handler());
  std::atomic<bool> now{false};
  routes[0].takes_parts = [&now](const http::Request&) { return now.load(); };
  RunningServer server(std::move(routes));
  Client client(server.port());
  client.send(kHead);
  const std::string line = std::string(100, 'a') + "\n";
  client.send(chunk(line));
  CHECK(eventually([&] { return server.body_bytes() > 0; }));
  now = true;
  client.send(chunk("c\n") + std::string(kLast));
  REQUIRE(eventually([&] { return kept.size() == 1; }));
  CHECK(kept.at(0).first.body == line + "c\n");
  CHECK(kept.at(0).first.first_line == 0);
}

TEST_CASE("A separator stands between the bodies of parts, not beside empty ones", "[http]") {
  http::Limits limits;
  limits.part = 1;
  const auto without_dots = [](const http::Request& request, const http::Reply& reply) {
    reply({200, "text/csv", {}, request.body == ".\n" ? "" : request.body.substr(0, 1), "\n"});
  };
  RunningServer server(lines_route(without_dots), limits);
  Client client(server.port());
  client.send(kHead);
  for (const char* line : {".\n", "a\n", ".\n", "b\n", "c\n", ".\n"}) {
    client.send(chunk(line));
    std::this_thread::sleep_for(5ms);
  }
  client.send(kLast);
  const std::string body = unchunked(client.until(kLast));
  CHECK(body.front() == 'a');
  CHECK(body.find("\n\n") == std::string::npos);
  CHECK(body.back() != '\n');
}

TEST_CASE("Streams of which nothing came make room for other clients", "[http]") {
  http::Limits limits;
  limits.max_connections = 3;
  RunningServer server(lines_route(in_capitals_at_once()), limits);
  std::vector<Client> silent;
  for (int i = 0; i < 3; ++i) {
    silent.emplace_back(server.port());
    silent.back().send(kHead);
  }
  CHECK(status_of(Client(server.port()).ask(post("/lines", "x", "Content-Type: text/csv\r\n"))) == 200);
}

TEST_CASE("A failure of the first part is the answer, a later one breaks the answer off and is logged", "[http]") {
  Kept kept;
  std::array<int, 2> log{};
  REQUIRE(::pipe(log.data()) == 0);
  http::Limits limits;
  limits.part = 1;
  {
    RunningServer server(lines_route(kept.handler()), limits, log[1]);
    Client refused(server.port());
    refused.send(kHead);
    refused.send(chunk("a\nb\n"));
    REQUIRE(eventually([&] { return kept.size() == 1; }));
    kept.at(0).second(http::problem(406, "not_acceptable", "No."));
    const std::string answer = refused.until_close();
    CHECK(status_of(answer) == 406);
    CHECK_THAT(answer, ContainsSubstring("Connection: close"));

    Client broken(server.port());
    broken.send(kHead);
    broken.send(chunk("a\n"));
    REQUIRE(eventually([&] { return kept.size() == 2; }));
    broken.send(chunk("b\n"));
    REQUIRE(eventually([&] { return kept.size() == 3; }));
    kept.at(1).second({200, "text/csv", {}, "A\n"});
    kept.at(2).second(http::problem(500, "out_of_memory", "Out of memory."));
    const std::string part = broken.until_close();
    CHECK_THAT(part, ContainsSubstring("2\r\nA\n\r\n"));
    CHECK_THAT(part, !ContainsSubstring("\r\n0\r\n"));
    CHECK_THAT(server.metrics(), ContainsSubstring(R"(smlt_http_requests_in_flight 0)"));
  }
  ::close(log[1]);
  std::string lines(4096, '\0');
  lines.resize(static_cast<size_t>(std::max<ssize_t>(0, ::read(log[0], lines.data(), lines.size()))));
  CHECK_THAT(lines, ContainsSubstring("POST /lines 500"));
  CHECK_THAT(lines, ContainsSubstring("The answer had begun, so it was broken off."));
  ::close(log[0]);
}

TEST_CASE("A line is limited as a body is, the body itself is not", "[http]") {
  http::Limits limits;
  limits.max_body = 1000;
  RunningServer server(lines_route(in_capitals_at_once()), limits);
  Client client(server.port());
  client.send(kHead);
  const std::string lines(100, 'a');
  for (int i = 0; i < 100; ++i) client.send(chunk(lines + "\n"));
  client.send(kLast);
  CHECK(unchunked(client.until(kLast)).size() == 10100);
  Client refused(server.port());
  refused.send(kHead);
  refused.send(chunk(std::string(1001, 'a')));
  CHECK(status_of(refused.until_close()) == 413);
}

TEST_CASE("A long body takes little memory, also if its client sends everything before it reads", "[http]") {
  http::Limits limits;
  limits.max_unsent = 1 << 20;
  limits.deaf = 50ms;
  RunningServer server(lines_route(in_capitals_at_once()), limits);
  const std::string lines(1 << 16, '\n');
  Client reads(server.port());
  reads.send(kHead);
  size_t received = 0, held = 0;
  std::jthread sender([&] {
    for (int i = 0; i < 512; ++i) reads.send(chunk(lines));
    reads.send(kLast);
  });
  while (received < size_t{32} << 20 && reads.receive()) {
    received += reads.take().size();
    held = std::max(held, server.body_bytes());
  }
  sender.join();
  CHECK(received >= size_t{32} << 20);
  CHECK(held < size_t{6} << 20);

  Client sends_first(server.port());  // 32 MB, which no socket's buffers hold
  sends_first.send(kHead);
  for (int i = 0; i < 512; ++i) REQUIRE(sends_first.send(chunk(lines)));
  sends_first.send(kLast);
  CHECK(unchunked(sends_first.until(kLast)).size() == size_t{32} << 20);
  CHECK(eventually([&] { return server.body_bytes() == 0; }));
}

TEST_CASE("A part without an answer, and a body that stops coming, end in time", "[http]") {
  Kept kept;
  http::Limits limits;
  limits.answer = 100ms;
  limits.idle = 300ms;
  limits.tick = 10ms;
  RunningServer server(lines_route(kept.handler()), limits);
  Client waits(server.port());
  waits.send(kHead);
  waits.send(chunk("a\n"));
  const std::string late = waits.until_close();
  CHECK(status_of(late) == 504);
  CHECK_THAT(late, ContainsSubstring("No answer to a part of the body within 0.1 s"));
  Client silent(server.port());
  silent.send(kHead);
  CHECK(status_of(silent.until_close()) == 408);
}
