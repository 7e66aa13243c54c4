#include "http/server.hpp"

#include <fmt/format.h>

#include <ctime>

#include "http/date.hpp"
#include "tests/catch.hpp"
#include "tests/http/running_server.hpp"

using namespace smlt;
using namespace smlt::test;

TEST_CASE("A ping is answered with an empty body, by GET and HEAD", "[http]") {
  RunningServer server(echo_routes());
  Client client(server.port());
  const std::string expected = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
  CHECK(without_date(client.ask(get("/ping"))) == expected);
  CHECK(without_date(client.ask("HEAD /ping HTTP/1.1\r\nHost: a\r\n\r\n")) == expected);
}

TEST_CASE("A response has the current date", "[http]") {
  RunningServer server(echo_routes());
  const std::time_t before = std::time(nullptr);
  const std::string response = Client(server.port()).ask(get("/ping"));
  const std::time_t after = std::time(nullptr);
  bool found = false;
  for (std::time_t second = before; second <= after; ++second)
    found = found || response.find("\r\nDate: " + http::date_text(second) + "\r\n") != std::string::npos;
  CHECK(found);
}

TEST_CASE("A request names one host, in HTTP/1.0 at most one", "[http]") {
  RunningServer server(echo_routes());
  const auto status = [&](const std::string& version, const std::string& headers) {
    return status_of(Client(server.port()).ask("GET /ping HTTP/" + version + "\r\n" + headers + "\r\n"));
  };
  CHECK(status("1.1", "") == 400);
  CHECK(status("1.1", "Host: a\r\nhost: a\r\n") == 400);
  CHECK(status("1.1", "Host:\r\n") == 200);
  CHECK(status("1.0", "") == 200);
  CHECK(status("1.0", "Host: a\r\n") == 200);
  CHECK(status("1.0", "Host: a\r\nHost: b\r\n") == 400);
  CHECK(body_of(Client(server.port()).ask("GET /ping HTTP/1.1\r\n\r\n")) ==
        R"({"error": "Expected one Host header, found 0.", "code": "bad_request"})");
}

TEST_CASE("Several Accept lines form one list; for other headers the first counts", "[http]") {
  std::vector<http::Route> routes = {{"/show", {"POST"}, [](const http::Request& request, const http::Reply& reply) {
                                        const std::string both = fmt::format("{}|{}", request.header("Accept"),
                                                                             request.header("Content-Type"));
                                        reply({200, "text/plain", {}, both});
                                      }}};
  RunningServer server(std::move(routes));
  Client client(server.port());
  const std::string headers =
      "Accept: text/csv;q=0.5\r\nContent-Type: a/b\r\naccept: application/json, a/b\r\nContent-Type: c/d\r\nACCEPT: "
      "*/*\r\n";
  CHECK(body_of(client.ask(post("/show", "", headers))) == "text/csv;q=0.5, application/json, a/b, */*|a/b");
  CHECK(body_of(client.ask(post("/show", "", "Accept: a/b\r\n"))) == "a/b|");
}

TEST_CASE("Unknown paths and wrong methods are refused in a sentence, and the connection continues", "[http]") {
  RunningServer server(echo_routes());
  Client client(server.port());
  CHECK(body_of(client.ask(get("/models"))) ==
        R"({"error": "Expected one of /ping, /echo or /invocations, found '/models'.", "code": "not_found"})");
  const std::string wrong = client.ask(post("/ping", "abc"));
  CHECK(status_of(wrong) == 405);
  CHECK_THAT(wrong, ContainsSubstring("\r\nAllow: GET, HEAD\r\n"));
  CHECK(body_of(wrong) ==
        R"({"error": "Expected GET or HEAD for /ping, found 'POST'.", "code": "method_not_allowed"})");
  CHECK(status_of(client.ask(get("/echo"))) == 405);
  client.send("HEAD /nothing HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK(body_of(client.response(/*has_body=*/false)).empty());
  CHECK(status_of(client.ask(get("/ping"))) == 200);
}

TEST_CASE("A path may be absolute, escaped and have a query", "[http]") {
  RunningServer server(echo_routes());
  Client client(server.port());
  CHECK(status_of(client.ask(get("http://model.aws.local:8080/ping?a=%20"))) == 200);
  CHECK(status_of(client.ask(get("/%70ing"))) == 200);
  CHECK(status_of(client.ask(get("/ping/"))) == 404);
  CHECK(status_of(client.ask(get("/pin%6"))) == 400);
}

TEST_CASE("Bodies of any size come back, however they are framed", "[http]") {
  RunningServer server(echo_routes());
  Client client(server.port());
  for (const size_t size : {0U, 1U, 3264U, 4096U, 70'000U, 5'000'000U}) {
    std::string body(size, '\0');
    for (size_t i = 0; i < size; ++i) body[i] = static_cast<char>(i * 31 + i / 251);
    CHECK(body_of(client.ask(post("/echo", body))) == body);
    std::string chunked = "POST /invocations HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (size_t start = 0, piece = 1; start < size; start += piece, piece = piece * 3 % 70'001) {
      const std::string part = body.substr(start, piece);
      chunked += fmt::format("{:x};name=\"value\"\r\n{}\r\n", part.size(), part);
    }
    CHECK(body_of(client.ask(chunked + "0\r\nTrailer: ignored\r\n\r\n")) == body);
  }
  CHECK(status_of(client.ask("POST /echo HTTP/1.1\r\nHost: a\r\n\r\n")) ==
        200);  // neither length nor chunks: an empty body
}

TEST_CASE("A request cut into pieces in any way gives the same answer", "[http]") {
  RunningServer server(echo_routes());
  const std::string request =
      "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n6\r\n world\r\n0\r\nA: "
      "b\r\n\r\n\r\n" +
      post("/echo", "second");
  for (size_t cut = 1; cut < request.size(); ++cut) {
    Client client(server.port());
    client.send(request.substr(0, cut));
    if (cut % 8 == 0) std::this_thread::sleep_for(1ms);
    client.send(request.substr(cut));
    CHECK(body_of(client.response()) == "hello world");
    CHECK(body_of(client.response()) == "second");
  }
}

TEST_CASE("Pipelined requests are answered in their order", "[http]") {
  RunningServer server(echo_routes());
  Client client(server.port());
  std::string requests;
  for (int i = 0; i < 200; ++i)
    requests += post(i % 3 == 0 ? "/echo" : "/invocations", std::to_string(i)) + get("/ping");
  client.send(requests);
  for (int i = 0; i < 200; ++i) {
    REQUIRE(body_of(client.response()) == std::to_string(i));
    REQUIRE(status_of(client.response()) == 200);
  }
}

TEST_CASE("The connection ends when the request says so, and for HTTP/1.0", "[http]") {
  RunningServer server(echo_routes());
  const std::string closed = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
  Client client(server.port());
  client.send("GET /ping HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  CHECK(without_date(client.until_close()) == closed);
  Client old(server.port());
  old.send("GET /ping HTTP/1.0\r\n\r\n");
  CHECK(without_date(old.until_close()) == closed);
  Client kept(server.port());
  const std::string request = "GET /ping HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
  const std::string expected = "HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n";
  CHECK(without_date(kept.ask(request)) == expected);
  CHECK(without_date(kept.ask(request)) == expected);
}

TEST_CASE("A client that has shut down its sending side still gets its answer", "[http]") {
  RunningServer server(echo_routes());
  Client client(server.port());
  client.send(post("/invocations", "abc"));
  client.end_of_requests();
  CHECK(body_of(client.until_close()) == "abc");
}

TEST_CASE("100-continue is answered before the body, or the request refused at once", "[http]") {
  http::Limits limits;
  limits.max_body = 1000;
  RunningServer server(echo_routes(), limits);
  const auto head = [](const std::string& path, int length, const std::string& expect = "100-continue") {
    return fmt::format("POST {} HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\nExpect: {}\r\n\r\n", path, length, expect);
  };
  Client client(server.port());
  CHECK(client.ask(head("/echo", 3)) == "HTTP/1.1 100 Continue\r\n\r\n");
  CHECK(body_of(client.ask("abc")) == "abc");
  CHECK(body_of(client.ask(head("/echo", 3) + "abc")) == "abc");  // did not wait
  CHECK(status_of(client.ask(head("/echo", 1001))) == 413);
  CHECK(status_of(Client(server.port()).ask(head("/nothing", 3))) == 404);
  CHECK(status_of(Client(server.port()).ask(head("/echo", 3, "a miracle"))) == 417);
}

TEST_CASE("Custom attributes come back with answers and errors", "[http]") {
  RunningServer server(echo_routes());
  Client client(server.port());
  const std::string header = "X-Amzn-SageMaker-Custom-Attributes: trace=1; a=\xC3\xA4\r\n";
  CHECK_THAT(client.ask(post("/echo", "a", header)), ContainsSubstring(header));
  CHECK_THAT(client.ask(post("/nothing", "a", header)), ContainsSubstring(header));
  CHECK_THAT(client.ask(post("/invocations", "a", header)), ContainsSubstring(header));
  CHECK(client.ask(post("/echo", "a")).find("Custom-Attributes") == std::string::npos);
}

TEST_CASE("IPv6 clients are served if there is IPv6", "[http]") {
  RunningServer server(echo_routes());
  const int fd = ::socket(AF_INET6, SOCK_STREAM, 0);
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(static_cast<uint16_t>(server.port()));
  address.sin6_addr = in6addr_loopback;
  const int result = fd < 0 ? -1 : ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  CHECK((result == 0 || errno == EADDRNOTAVAIL || errno == EAFNOSUPPORT));
  if (fd >= 0) ::close(fd);
}

TEST_CASE("A port that is taken gets its sentence", "[http]") {
  RunningServer server(echo_routes());
  Output log(2);
  const http::ServerOptions options{server.port(), {}, false};
  CHECK_THROWS_WITH(http::Server(options, {}, log),
                    fmt::format("Port {} is in use by another process; stop that one, or choose another port with "
                                "--port or SAGEMAKER_BIND_TO_PORT.",
                                server.port()));
}
