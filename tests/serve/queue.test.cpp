#include "serve/queue.hpp"

#include <future>
#include <string>
#include <thread>

#include "tests/catch.hpp"

using namespace smlt;
using namespace std::chrono_literals;

namespace {

serve::Job job(std::string body) {
  return {{"POST", "/invocations", "", {}, std::move(body)}, [](http::Response) {}};
}

std::string bodies(const std::vector<serve::Job>& batch) {
  std::string all;
  for (const serve::Job& each : batch) all += each.request.body;
  return all;
}

}  // namespace

TEST_CASE("A queue gives waiting jobs in order, without waiting for more", "[serve]") {
  serve::Queue queue({.batch = 3});
  for (const char* body : {"a", "b", "c", "d"}) REQUIRE(queue.push(job(body)));
  CHECK(bodies(queue.take()) == "abc");
  CHECK(queue.size() == 1);
  CHECK(bodies(queue.take()) == "d");
}

TEST_CASE("A worker takes its share, so that the others get something too", "[serve]") {
  serve::Queue queue({.batch = 32, .workers = 4});
  for (int i = 0; i < 10; ++i) REQUIRE(queue.push(job("x")));
  CHECK(queue.take().size() == 3);
  CHECK(queue.take().size() == 2);
}

TEST_CASE("Large bodies are not taken together", "[serve]") {
  serve::Queue queue({.batch_bytes = 10});
  for (const char* body : {"0123456789ab", "1", "2"}) REQUIRE(queue.push(job(body)));
  CHECK(queue.take().size() == 1);
  CHECK(bodies(queue.take()) == "12");
}

TEST_CASE("A full queue refuses at once and leaves the job as it is", "[serve]") {
  serve::Queue queue({.jobs = 2});
  REQUIRE(queue.push(job("a")));
  REQUIRE(queue.push(job("b")));
  serve::Job third = job("c");
  CHECK_FALSE(queue.push(std::move(third)));
  CHECK(third.request.body == "c");
  CHECK(third.reply != nullptr);
  queue.take();
  CHECK(queue.push(std::move(third)));
}

TEST_CASE("A closed queue gives what is left and then nothing", "[serve]") {
  serve::Queue queue({});
  REQUIRE(queue.push(job("a")));
  queue.close();
  CHECK_FALSE(queue.push(job("b")));
  CHECK(bodies(queue.take()) == "a");
  CHECK(queue.take().empty());
}

TEST_CASE("A waiting worker is woken by a job and by the end", "[serve]") {
  serve::Queue queue({});
  auto taken = std::async(std::launch::async, [&] { return queue.take().size(); });
  std::this_thread::sleep_for(10ms);
  REQUIRE(queue.push(job("a")));
  CHECK(taken.get() == 1);
  auto ended = std::async(std::launch::async, [&] { return queue.take().size(); });
  std::this_thread::sleep_for(10ms);
  queue.close();
  CHECK(ended.get() == 0);
}

TEST_CASE("With a delay a batch waits until it is full or its first job has waited that long", "[serve]") {
  serve::Queue patient({.batch = 3, .delay = 10min});
  REQUIRE(patient.push(job("a")));
  auto full = std::async(std::launch::async, [&] { return bodies(patient.take()); });
  std::this_thread::sleep_for(20ms);
  REQUIRE(patient.push(job("b")));
  REQUIRE(patient.push(job("c")));
  CHECK(full.get() == "abc");  // otherwise this would take ten minutes
  serve::Queue queue({.batch = 3, .delay = 200ms});
  REQUIRE(queue.push(job("d")));
  const auto second = std::chrono::steady_clock::now();
  CHECK(bodies(queue.take()) == "d");
  CHECK(std::chrono::steady_clock::now() - second > 150ms);
}

TEST_CASE("A queue stays empty until a job arrives or it is closed", "[serve]") {
  serve::Queue queue({});
  CHECK(queue.stays_empty(1ms));
  std::jthread sender([&] { queue.push(job("a")); });
  CHECK_FALSE(queue.stays_empty(1min));
  CHECK(bodies(queue.take()) == "a");
  std::jthread closer([&] { queue.close(); });
  CHECK_FALSE(queue.stays_empty(1min));
}
