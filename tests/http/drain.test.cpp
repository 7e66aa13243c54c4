#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <mutex>

#include "machine/file_limit.hpp"
#include "tests/catch.hpp"
#include "tests/http/running_server.hpp"

using namespace smlt;
using namespace smlt::test;

namespace {

// A route that keeps its replies until they are requested.
struct Kept {
  std::mutex mutex;
  std::vector<http::Reply> replies;

  http::Route route() {
    return {"/slow", {"POST"}, [this](const http::Request&, http::Reply reply) {
              const std::lock_guard lock(mutex);
              replies.push_back(std::move(reply));
            }};
  }
  size_t count() {
    const std::lock_guard lock(mutex);
    return replies.size();
  }
  void wait_for(size_t wanted) {
    while (count() < wanted) std::this_thread::sleep_for(1ms);
  }
};

bool listens(int port) {
  try {
    Client client(port);
    return true;
  } catch (const std::runtime_error&) {
    return false;
  }
}

std::vector<http::Route> with(http::Route route) {
  std::vector<http::Route> routes = echo_routes();
  routes.push_back(std::move(route));
  return routes;
}

}  // namespace

TEST_CASE("A drain finishes requests that have begun, refuses later ones, and ends", "[http]") {
  Kept kept;
  RunningServer server(with(kept.route()));
  Client waiting(server.port());
  waiting.send(post("/slow", ""));
  Client uploading(server.port());
  uploading.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\na");
  Client idle(server.port());
  CHECK(status_of(idle.ask(get("/ping"))) == 200);
  kept.wait_for(1);
  std::jthread stopping([&] { server.stop(60s); });
  CHECK(eventually([&] { return !listens(server.port()); }));

  const std::string ping = idle.ask(get("/ping"));
  CHECK(status_of(ping) == 503);
  CHECK_THAT(ping, ContainsSubstring("Connection: close"));
  CHECK(body_of(ping) == R"({"error": "The endpoint is being stopped.", "code": "stopping"})");
  uploading.send("bc");
  CHECK(body_of(uploading.until_close()) == "abc");
  kept.replies[0]({200, "text/plain", {}, "done"});
  const std::string answer = waiting.until_close();
  CHECK(body_of(answer) == "done");
  CHECK_THAT(answer, ContainsSubstring("Connection: close"));
}

TEST_CASE("A request whose client is gone when its answer comes is counted once", "[http]") {
  Kept kept;
  RunningServer server(with(kept.route()));
  Client gone(server.port());
  gone.send(post("/slow", "") + post("/slow", ""));
  kept.wait_for(1);
  CHECK_THAT(server.metrics(), ContainsSubstring("smlt_http_requests_in_flight 1\n"));
  gone.reset();
  kept.replies[0]({200, "text/plain", {}, "done"});
  CHECK_THAT(server.metrics(), ContainsSubstring("smlt_http_requests_in_flight 0\n"));
  CHECK_THAT(server.metrics(), ContainsSubstring("smlt_http_connections 0\n"));
}

TEST_CASE("If one of several answers delivered together fails, the others still arrive", "[http]") {
  Kept kept;
  std::vector<http::Route> routes = with(kept.route());
  routes.push_back({"/refuses", {"POST"}, {}, []() -> std::optional<http::Response> { throw std::bad_alloc(); }});
  RunningServer server(std::move(routes));
  Client first(server.port());
  first.send(post("/slow", "") + post("/refuses", ""));
  kept.wait_for(1);
  Client second(server.port());
  second.send(post("/slow", ""));
  kept.wait_for(2);
  server.server().post([&] {
    for (const http::Reply& reply : kept.replies) reply({200, "text/plain", {}, "done"});
  });
  CHECK(body_of(second.response()) == "done");
  const std::string all = first.until_close();
  CHECK(body_of(all) == "done");
  CHECK_THAT(server.metrics(), ContainsSubstring("smlt_http_requests_in_flight 0\n"));
}

TEST_CASE("A drain ends at its limit, and at once if nothing is in progress", "[http]") {
  Kept kept;
  RunningServer server(with(kept.route()));
  Client waiting(server.port());
  waiting.send(post("/slow", ""));
  kept.wait_for(1);
  auto began = std::chrono::steady_clock::now();
  server.stop(200ms);
  CHECK(std::chrono::steady_clock::now() - began < 2s);
  kept.replies[0]({200, "text/plain", {}, "late"});  // the server is gone: nothing happens

  RunningServer quiet(echo_routes());
  Client idle(quiet.port());
  CHECK(status_of(idle.ask(get("/ping"))) == 200);
  Client half_open(quiet.port());
  half_open.send("GET /pi");
  std::this_thread::sleep_for(1100ms);
  began = std::chrono::steady_clock::now();
  quiet.stop(10s);
  CHECK(std::chrono::steady_clock::now() - began < 2s);
}

TEST_CASE("Ten thousand connections, or as many as may be open, are served side by side", "[http]") {
  const size_t files = machine::raise_file_limit();
  const size_t count = std::min<size_t>(10'000, (files - 200) / 2);  // both ends are in this process
  if (count < 10'000) WARN(fmt::format("{} connections: the limit is {} open files", count, files));
  RunningServer server(echo_routes());
  std::vector<Client> clients;
  clients.reserve(count);
  for (size_t i = 0; i < count; ++i) clients.emplace_back(server.port());
  for (size_t i = 0; i < count; ++i) clients[i].send(post("/echo", std::to_string(i)));
  size_t right = 0;
  for (size_t i = 0; i < count; ++i) right += body_of(clients[i].response()) == std::to_string(i) ? 1U : 0U;
  CHECK(right == count);
  auto shortest = std::chrono::steady_clock::duration::max();
  for (int i = 0; i < 5; ++i) {  // a thread may wait for its turn on a busy machine
    const auto began = std::chrono::steady_clock::now();
    CHECK(status_of(Client(server.port()).ask(get("/ping"))) == 200);
    shortest = std::min(shortest, std::chrono::steady_clock::now() - began);
  }
  CHECK(shortest < 500ms);
}

TEST_CASE("If no more files may be open, the server continues once some are closed", "[http]") {
  http::Limits limits;
  limits.tick = 10ms;
  RunningServer server(echo_routes(), limits);
  Client before(server.port());
  CHECK(status_of(before.ask(get("/ping"))) == 200);
  rlimit original{};
  ::getrlimit(RLIMIT_NOFILE, &original);
  std::vector<int> taken;
  Client waiting(server.port(), [&] {  // its socket exists; then nothing is left for the other end
    rlimit lowered = original;
    lowered.rlim_cur = static_cast<rlim_t>(::dup(0)) + 1;
    ::setrlimit(RLIMIT_NOFILE, &lowered);
    for (int fd = ::dup(0); fd >= 0; fd = ::dup(0)) taken.push_back(fd);
  });
  waiting.send(get("/ping"));
  const bool accepted = waiting.receive(100);
  const std::string meanwhile = before.ask(get("/ping"));
  ::setrlimit(RLIMIT_NOFILE, &original);
  for (const int fd : taken) ::close(fd);
  CHECK_FALSE(accepted);
  CHECK(status_of(meanwhile) == 200);
  CHECK(status_of(waiting.response().substr(7)) == 200);  // after the "timeout" from above
}
