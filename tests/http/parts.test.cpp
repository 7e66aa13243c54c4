#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>

#include "http/date.hpp"
#include "http/histogram.hpp"
#include "http/message.hpp"
#include "http/metrics.hpp"
#include "http/problem.hpp"
#include "http/prometheus.hpp"
#include "http/request_log.hpp"
#include "http/response_head.hpp"
#include "http/target.hpp"
#include "tests/catch.hpp"
#include "tests/http/running_server.hpp"

using namespace smlt;
using namespace smlt::http;
using namespace smlt::test;

TEST_CASE("A header is found whatever the case of its name, and the first of several counts", "[http]") {
  Request request;
  request.headers = {{"Content-type", "text/csv"}, {"ACCEPT", "a"}, {"accept", "b"}};
  CHECK(request.header("Content-Type") == "text/csv");
  CHECK(request.header("accept") == "a");
  CHECK(request.header("Accep").empty());
}

TEST_CASE("A problem is JSON below 2,048 bytes, whatever the sentence contains", "[http]") {
  const std::string hostile[] = {std::string(5000, '"'),  std::string(5000, '\x01'), std::string(5000, '\xFF'),
                                 std::string(1000, '\\'), "\xF0\x9F\x98\x80",        ""};
  for (const std::string& sentence : hostile) {
    const Response response = problem(400, "bad_request", sentence);
    CHECK(response.body.size() < 2048);
    const boost::json::value body = boost::json::parse(response.body);
    CHECK(body.at("code") == "bad_request");
    CHECK(response.body.starts_with("{\"error\": \""));
  }
}

TEST_CASE("A target is a path and a query, in either form", "[http]") {
  CHECK(read_target("/a%2Fb?c=%20&d")->path == "/a/b");
  CHECK(read_target("/a%2Fb?c=%20&d")->query == "c=%20&d");
  CHECK(read_target("http://host:80")->path == "/");
  CHECK(read_target("http://host:80/a?b")->path == "/a");
  CHECK(read_target("*")->path == "*");
  for (const char* bad : {"/%", "/%1", "/%zz", "/%00", "/%+1"}) CHECK_FALSE(read_target(bad));
}

TEST_CASE("A header that would break out of its line is left out", "[http]") {
  std::string head;
  write_head({200, "text/plain", {{"A", "b\r\nC: d"}, {"E", "f"}}, "xyz"}, {}, "now", head);
  CHECK(head == "HTTP/1.1 200 OK\r\nDate: now\r\nContent-Type: text/plain\r\nE: f\r\nContent-Length: 3\r\n\r\n");
  write_head({204, "", {}, ""}, {true, true, ""}, "now", head);
  CHECK(head == "HTTP/1.1 204 No Content\r\nDate: now\r\nConnection: close\r\n\r\n");
}

TEST_CASE("A date is written in the form required of servers", "[http]") {
  CHECK(date_text(784111777) == "Sun, 06 Nov 1994 08:49:37 GMT");
  CHECK(date_text(0) == "Thu, 01 Jan 1970 00:00:00 GMT");
  CHECK(date_text(1709210096) == "Thu, 29 Feb 2024 12:34:56 GMT");
}

TEST_CASE("Metrics are written as Prometheus reads them", "[http]") {
  CHECK(metric("m", "gauge", "What it is.", "1.5") == "# HELP m What it is.\n# TYPE m gauge\nm 1.5\n");
  const std::vector<double> bounds = {0.5, 1, 128};
  const std::vector<uint64_t> counts = {1, 0, 2, 3};
  CHECK(histogram_samples("h", "", bounds, counts, "7") ==
        "h_bucket{le=\"0.5\"} 1\nh_bucket{le=\"1\"} 1\nh_bucket{le=\"128\"} 3\nh_bucket{le=\"+Inf\"} 6\n"
        "h_sum 7\nh_count 6\n");
  CHECK_THAT(histogram_samples("h", "a=\"b\"", bounds, counts, "7"),
             ContainsSubstring("h_bucket{a=\"b\",le=\"+Inf\"} 6\nh_sum{a=\"b\"} 7\nh_count{a=\"b\"} 6\n"));
}

TEST_CASE("A histogram counts what is at most its bound", "[http]") {
  Histogram histogram;
  histogram.add(1ms);
  histogram.add(2ms);
  histogram.add(100s);
  const std::string lines = histogram.lines("t", "path=\"/a\"");
  CHECK_THAT(lines, ContainsSubstring("t_bucket{path=\"/a\",le=\"0.0005\"} 0\nt_bucket{path=\"/a\",le=\"0.001\"} 1\n"));
  CHECK_THAT(lines, ContainsSubstring("le=\"60\"} 2\nt_bucket{path=\"/a\",le=\"+Inf\"} 3\n"));
  CHECK_THAT(lines, ContainsSubstring("t_sum{path=\"/a\"} 100.003000\nt_count{path=\"/a\"} 3\n"));
}

TEST_CASE("The log has errors and requests with an Inference-Id, and no pings", "[http]") {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  {
    RunningServer server(echo_routes(), {}, ends[1]);
    Client client(server.port());
    client.ask(get("/ping"));
    client.ask(post("/ping", ""));
    client.ask(post("/echo", "a"));
    client.ask(post("/echo", "a", "X-Amzn-SageMaker-Inference-Id: one\ttwo\r\n"));
    client.ask(post("/nothing", ""));
  }
  ::close(ends[1]);
  std::string log(4096, '\0');
  log.resize(static_cast<size_t>(::read(ends[0], log.data(), log.size())));
  ::close(ends[0]);
  CHECK_THAT(log, ContainsSubstring("POST /echo 200 "));
  CHECK_THAT(log, ContainsSubstring(" ms inference-id='one two'\n"));
  CHECK_THAT(log, ContainsSubstring("POST other 404 "));
  CHECK(std::count(log.begin(), log.end(), '\n') == 2);
}

TEST_CASE("A log that nobody reads does not delay requests", "[http]") {
  ::signal(SIGPIPE, SIG_IGN);  // as main does
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  {
    RunningServer server(echo_routes(), {}, ends[1]);
    Client client(server.port());
    for (int i = 0; i < 20'000; ++i) REQUIRE(status_of(client.ask(get("/echo"))) == 405);
    ::close(ends[0]);  // the writer's write ends with EPIPE
  }
  ::close(ends[1]);
}

TEST_CASE("Resident memory is that of this process", "[http]") {
  CHECK(resident_memory() > (size_t{1} << 20));
  CHECK(resident_memory() < (size_t{1} << 40));
}

TEST_CASE("A value of a query is decoded", "[http]") {
  CHECK(query_value("a=1&b=x%2Fy&b=z", "b") == "x/y");
  CHECK(query_value("a=1&b=", "b") == "");
  CHECK(query_value("bb=1&b", "b") == "");
  CHECK(query_value("", "b") == std::nullopt);
  CHECK(query_value("a=1", "b") == std::nullopt);
  CHECK(query_value("b=%zz", "b") == std::nullopt);
}

TEST_CASE("A segment of a route's path may be any text", "[http]") {
  const Handler echo = [](const Request& request, const Reply& reply) { reply({200, "", {}, request.segment}); };
  RunningServer server(
      {{"/models", {"GET"}, echo}, {"/models/{name}", {"GET"}, echo}, {"/models/{name}/invoke", {"GET"}, echo}});
  Client client(server.port());
  const auto answer = [&](const std::string& path) {
    const std::string response = client.ask(get(path));
    return status_of(response) == 200 ? body_of(response) : std::to_string(status_of(response));
  };
  CHECK(answer("/models").empty());
  CHECK(answer("/models/a") == "a");
  CHECK(answer("/models/a/invoke") == "a");
  CHECK(answer("/models/invoke/invoke") == "invoke");
  CHECK(answer("/models/a%2Fb%20c/invoke") == "a/b c");
  CHECK(answer("/models/%2e%2E") == "..");
  CHECK(answer("/models/a?x=/invoke") == "a");
  for (const char* path : {"/models/", "/models//invoke", "/models/a/b", "/models/a/b/invoke", "/models/a/invoke/"}) {
    CHECK(answer(path) == "404");
  }
}
