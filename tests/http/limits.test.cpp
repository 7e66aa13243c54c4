#include "http/limits.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "tests/catch.hpp"
#include "tests/http/running_server.hpp"

using namespace smlt;
using namespace smlt::test;

namespace {

http::Limits small() {
  http::Limits limits;
  limits.max_body = 100'000;
  limits.tick = 10ms;
  limits.linger = 60s;  // a busy machine may take long to read it all
  return limits;
}

// For tests about time: in others a busy machine must not reach these limits.
http::Limits hasty() {
  http::Limits limits = small();
  limits.receive = 200ms;
  limits.idle = 400ms;
  limits.answer = 300ms;
  return limits;
}

bool mentions(const std::string& response, const std::string& text) { return response.find(text) != std::string::npos; }

}  // namespace

TEST_CASE("A body above the limit is refused by its announced length, and the client can read why", "[http]") {
  RunningServer server(echo_routes(), small());
  Client client(server.port());
  CHECK(body_of(client.ask(post("/echo", std::string(100'000, 'a')))).size() == 100'000);
  const std::string refused = client.ask("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100001\r\n\r\n");
  CHECK(body_of(refused) ==
        R"({"error": "Expected a body of at most 0.09537 MB, found a larger one; SAGEMAKER_MAX_PAYLOAD_IN_MB raises )"
        R"(the limit.", "code": "payload_too_large"})");
  CHECK_THAT(refused, ContainsSubstring("Connection: close"));
  CHECK_THAT(Client(server.port())
                 .ask("POST /echo HTTP/1.1\r\nHost: a\r\nX-Amzn-SageMaker-Custom-Attributes: a\r\nContent-Length: "
                      "100001\r\n\r\n"),
             ContainsSubstring("X-Amzn-SageMaker-Custom-Attributes: a\r\n"));
  // A client that sends everything before it reads.
  Client stubborn(server.port());
  CHECK(stubborn.send(post("/echo", std::string(8'000'000, 'a'))));
  CHECK(status_of(stubborn.response()) == 413);
  Client absurd(server.port());
  CHECK(status_of(absurd.ask("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 18446744073709551615\r\n\r\n")) == 413);
  CHECK(status_of(Client(server.port())
                      .ask("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 18446744073709551616\r\n\r\n")) == 400);
}

TEST_CASE("A chunked body is refused as soon as it passes the limit", "[http]") {
  RunningServer server(echo_routes(), small());
  Client client(server.port());
  client.send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n10000\r\n" +
              std::string(65536, 'a') + "\r\n");
  client.send("8000\r\n");
  client.send(std::string(32768, 'a') + "\r\n");
  CHECK(client.send("1000\r\n"));
  CHECK(status_of(client.response()) == 413);
  CHECK(
      status_of(Client(server.port())
                    .ask("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n")) ==
      413);
}

TEST_CASE("Two lengths and invalid lengths are refused and the connection closed", "[http]") {
  RunningServer server(echo_routes(), small());
  const std::string both = "Expected one Content-Length, a whole number, and no Transfer-Encoding beside it.";
  for (const char* headers :
       {"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n", "Content-Length: 3\r\nContent-Length: 4\r\n",
        "Content-Length: 3, 4\r\n", "Content-Length: -1\r\n", "Content-Length: 0x3\r\n", "Content-Length: \r\n",
        "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"}) {
    INFO(headers);
    Client client(server.port());
    client.send("POST /echo HTTP/1.1\r\nHost: a\r\n" + std::string(headers) + "\r\n3\r\nabc\r\n0\r\n\r\n");
    const std::string response = client.until_close();
    CHECK(status_of(response) == 400);
    CHECK(mentions(response, "Transfer-Encoding"));
    CHECK(response.find("HTTP/1.1", 1) == std::string::npos);  // nothing of the body was taken for a request
  }
  CHECK(status_of(Client(server.port())
                      .ask("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n")) ==
        501);
  CHECK(status_of(Client(server.port()).ask("POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")) ==
        400);
}

// A reader that waits for the other quote would take the chunk's bytes as part of its line.
TEST_CASE("A chunk extension's quotes close on their line", "[http]") {
  RunningServer server(echo_routes(), small());
  const std::string head = "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const char* chunk : {"3;n=\"v\r\n", "3;n=\"v\\\r\n", "0;n=\"v\r\n", "3\r\nabc\r\n3;n=\"v\r\n"}) {
    INFO(chunk);
    Client client(server.port());
    client.send(head + chunk);
    CHECK(status_of(client.until_close()) == 400);
  }
  const std::string response = Client(server.port()).ask(head + "3;n=\"\\\"v;\" ; m\r\nabc\r\n0;n=\"\"\r\n\r\n");
  CHECK(status_of(response) == 200);
  CHECK(body_of(response) == "abc");
}

TEST_CASE("What is not HTTP is refused", "[http]") {
  RunningServer server(echo_routes(), small());
  for (const char* text : {"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "GET\r\n\r\n", "GET /ping\r\n\r\n",
                           "GET /ping HTTP/1.1\r\nHost: a\r\nA b: c\r\n\r\n",
                           "GET /ping HTTP/1.1\r\nHost: a\r\nNo colon\r\n\r\n", " / HTTP/1.1\r\nHost: a\r\n\r\n"}) {
    INFO(text);
    Client client(server.port());
    client.send(text);
    CHECK(status_of(client.until_close()) == 400);
  }
  CHECK(status_of(Client(server.port()).ask("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")) == 505);
  CHECK(status_of(Client(server.port()).ask("GET /ping HTTP/1.1\nHost: a\n\n")) == 505);
}

TEST_CASE("Heads and trailers above the limit are refused, in one piece or many", "[http]") {
  RunningServer server(echo_routes(), small());
  const std::string long_line(20'000, 'a');
  CHECK(status_of(Client(server.port()).ask("GET /" + long_line)) == 431);
  CHECK(status_of(Client(server.port()).ask("GET /ping HTTP/1.1\r\nHost: a\r\nA: " + long_line)) == 431);
  std::string many = "GET /ping HTTP/1.1\r\nHost: a\r\n";
  for (int i = 0; i < 2000; ++i) many += fmt::format("Name-{}: value\r\n", i);
  CHECK(status_of(Client(server.port()).ask(many)) == 431);
  Client slow(server.port());
  for (size_t start = 0; start < many.size(); start += 500) slow.send(many.substr(start, 500));
  CHECK(status_of(slow.response()) == 431);
  const std::string chunked = "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  CHECK(status_of(Client(server.port()).ask(chunked + "1;" + long_line + long_line)) == 431);
  CHECK(status_of(Client(server.port()).ask(chunked + "0\r\nA: " + long_line + long_line)) == 431);
  CHECK(status_of(Client(server.port())
                      .ask("GET /ping HTTP/1.1\r\nHost: a\r\nA: " + long_line.substr(0, 16'000) + "\r\n\r\n")) == 200);
}

TEST_CASE("Slow and silent clients are dropped", "[http]") {
  RunningServer server(echo_routes(), hasty());
  Client silent(server.port());
  Client in_head(server.port());
  in_head.send("GET /ping HT");
  Client in_body(server.port());
  in_body.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc");
  CHECK(status_of(in_head.until_close()) == 408);
  CHECK(status_of(in_body.until_close()) == 408);
  CHECK(silent.until_close().empty());
}

TEST_CASE("An occasional byte does not keep a request alive", "[http]") {
  RunningServer server(echo_routes(), hasty());
  Client client(server.port());
  client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n");
  const auto began = std::chrono::steady_clock::now();
  while (client.send("a") && !client.receive(20)) {
  }
  CHECK(std::chrono::steady_clock::now() - began < 10s);  // kept alive they would take 20 s
}

TEST_CASE("An empty line after a body starts no request and keeps no connection open", "[http]") {
  http::Limits limits = hasty();
  limits.idle = 60s;
  RunningServer patient(echo_routes(), limits);
  Client client(patient.port());
  CHECK(body_of(client.ask(post("/echo", "abc") + "\r\n\r\n")) == "abc");
  std::this_thread::sleep_for(2 * limits.receive);
  client.send("\r");
  std::this_thread::sleep_for(2 * limits.receive);
  client.send("\n");
  std::this_thread::sleep_for(2 * limits.receive);
  CHECK(status_of(client.ask("\r\n" + get("/ping"))) == 200);

  RunningServer server(echo_routes(), hasty());
  Client endless(server.port());
  const auto began = std::chrono::steady_clock::now();
  while (endless.send("\r\n") && !endless.receive(20)) {
  }
  CHECK(std::chrono::steady_clock::now() - began < 5s);
}

TEST_CASE("A client that asks and never reads is dropped", "[http]") {
  RunningServer server(echo_routes(), hasty());
  Client client(server.port());
  const std::string request = post("/invocations", std::string(100'000, 'a'));
  const auto began = std::chrono::steady_clock::now();
  while (client.send(request)) REQUIRE(std::chrono::steady_clock::now() - began < 20s);
  CHECK(status_of(Client(server.port()).ask(get("/ping"))) == 200);
}

TEST_CASE("The server answers for a handler that throws, forgets or takes too long", "[http]") {
  std::vector<http::Reply> kept;
  std::vector<http::Route> routes = echo_routes();
  routes.push_back(
      {"/throws", {"POST"}, [](const http::Request&, const http::Reply&) { throw std::runtime_error("broken"); }});
  routes.push_back({"/forgets", {"POST"}, [](const http::Request&, const http::Reply&) {}});
  routes.push_back(
      {"/keeps", {"POST"}, [&](const http::Request&, http::Reply reply) { kept.push_back(std::move(reply)); }});
  RunningServer server(routes, hasty());
  Client client(server.port());
  CHECK(body_of(client.ask(post("/throws", ""))) ==
        R"({"error": "A bug in this program: broken", "code": "internal_error"})");
  CHECK(status_of(client.ask(post("/forgets", ""))) == 500);
  CHECK(status_of(client.ask(post("/keeps", ""))) == 504);
  kept[0]({200, "text/plain", {}, "late"});  // is discarded
  CHECK(body_of(client.ask(post("/echo", "next"))) == "next");
}

TEST_CASE("Clients that disconnect midway leave nothing behind", "[http]") {
  RunningServer server(echo_routes(), small());
  for (int i = 0; i < 200; ++i) {
    Client client(server.port());
    client.send(post("/invocations", std::string(50'000, 'a')).substr(0, static_cast<size_t>(i) * 300));
  }
  Client client(server.port());
  CHECK(body_of(client.ask(post("/invocations", "abc"))) == "abc");
  CHECK(eventually([&] {
    const std::string lines = server.metrics();
    return mentions(lines, "smlt_http_body_bytes 0\n") && mentions(lines, "smlt_http_connections 1\n") &&
           mentions(lines, "smlt_http_requests_in_flight 0\n");
  }));
}

TEST_CASE("Bodies together stay within the budget", "[http]") {
  http::Limits limits = small();
  limits.max_buffered = 250'000;
  RunningServer server(echo_routes(), limits);
  std::vector<Client> clients;
  std::vector<int> statuses;
  for (int i = 0; i < 4; ++i) {
    clients.emplace_back(server.port());
    clients.back().send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n" + std::string(99'999, 'a'));
  }
  CHECK(eventually([&] { return mentions(server.metrics(), R"(path="/echo",status="503")"); }));
  for (Client& client : clients) client.send("a");
  for (Client& client : clients) statuses.push_back(status_of(client.response()));
  CHECK(std::count(statuses.begin(), statuses.end(), 503) >= 1);
  CHECK(std::count(statuses.begin(), statuses.end(), 200) >= 1);
  CHECK(body_of(Client(server.port()).ask(post("/echo", std::string(100'000, 'b')))).size() == 100'000);
}

TEST_CASE("The connection that was idle longest makes room", "[http]") {
  http::Limits limits = small();
  limits.max_connections = 10;
  RunningServer server(echo_routes(), limits);
  std::vector<Client> clients;
  for (int i = 0; i < 10; ++i) clients.emplace_back(server.port());
  CHECK(status_of(clients[0].ask(get("/ping"))) == 200);  // now the second one is idle longest
  Client another(server.port());
  CHECK(status_of(another.ask(get("/ping"))) == 200);
  CHECK(clients[1].until_close().empty());
  CHECK(status_of(clients[0].ask(get("/ping"))) == 200);
}

TEST_CASE("A route may have a lower limit for bodies", "[http]") {
  std::vector<http::Route> routes = echo_routes();
  routes[1].max_body = 10;
  RunningServer server(std::move(routes));
  CHECK(status_of(Client(server.port()).ask(post("/echo", "0123456789"))) == 200);
  const std::string refused = Client(server.port()).ask(post("/echo", "0123456789a"));
  CHECK(status_of(refused) == 413);
  Client chunked(server.port());
  chunked.send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n0123456789a\r\n");
  CHECK(status_of(chunked.until_close()) == 413);
}
