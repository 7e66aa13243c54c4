#include "serve/queue.hpp"

#include <future>
#include <string>
#include <thread>

#include "tests/catch.hpp"

using namespace smlt;
using namespace std::chrono_literals;
using serve::Queue;
using serve::Seat;

namespace {

class TestLane : public serve::Lane {
 public:
  explicit TestLane(size_t batch, double seconds) {
    set_batch(batch);
    set_seconds(seconds);
  }
  void answer(std::vector<serve::Job>, const std::atomic<int>*) override {}
};

std::shared_ptr<TestLane> lane(size_t batch = 32, double seconds = 0) {
  return std::make_shared<TestLane>(batch, seconds);
}

serve::Job job(std::string body, int64_t first_line = 0) {
  serve::Job made{{"POST", "/invocations", "", {}, std::move(body)}, [](http::Response) {}};
  made.request.first_line = first_line;
  return made;
}

std::string bodies(const Queue::Batch& batch) {
  std::string all;
  for (const serve::Job& each : batch.jobs) all += each.request.body;
  return all;
}

}  // namespace

TEST_CASE("A queue gives waiting jobs in order, without waiting for more", "[serve]") {
  Queue queue({});
  const auto model = lane(3);
  for (const char* body : {"a", "b", "c", "d"}) REQUIRE(queue.push(model, job(body)));
  CHECK(bodies(queue.take(Seat::kFirst)) == "abc");
  CHECK(queue.size() == 1);
  CHECK(queue.unanswered() == 4);
  Queue::Batch last = queue.take(Seat::kFirst);
  CHECK(bodies(last) == "d");
  last.jobs.clear();
  queue.done(std::move(last));
  CHECK(queue.unanswered() == 3);
}

TEST_CASE("A worker takes its share, so that the others get something too", "[serve]") {
  Queue queue({.workers = 4});
  const auto model = lane();
  for (int i = 0; i < 10; ++i) REQUIRE(queue.push(model, job("x")));
  CHECK(queue.take(Seat::kFirst).size == 3);
  CHECK(queue.take(Seat::kOther).size == 2);
}

TEST_CASE("Large bodies are not taken together", "[serve]") {
  Queue queue({.batch_bytes = 10});
  const auto model = lane();
  for (const char* body : {"0123456789ab", "1", "2"}) REQUIRE(queue.push(model, job(body)));
  CHECK(queue.take(Seat::kFirst).size == 1);
  CHECK(bodies(queue.take(Seat::kFirst)) == "12");
}

TEST_CASE("A full lane refuses at once and leaves the job as it is, the others take theirs", "[serve]") {
  Queue queue({.jobs = 2});
  const auto model = lane(), other = lane();
  REQUIRE(queue.push(model, job("a")));
  REQUIRE(queue.push(model, job("b")));
  serve::Job third = job("c");
  CHECK_FALSE(queue.push(model, std::move(third)));
  CHECK(third.request.body == "c");
  CHECK(third.reply != nullptr);
  CHECK(queue.push(other, job("d")));
  CHECK(queue.push(model, job("e", 2)));  // a later part of a body
  queue.take(Seat::kFirst);
  CHECK(queue.push(model, std::move(third)));
}

TEST_CASE("A lane whose waiting bodies are too large refuses more", "[serve]") {
  Queue queue({.bytes = 3});
  const auto model = lane();
  REQUIRE(queue.push(model, job("abc")));
  REQUIRE(queue.push(model, job("d")));
  CHECK_FALSE(queue.push(model, job("e")));
}

TEST_CASE("Lanes take turns", "[serve]") {
  Queue queue({});
  const auto one = lane(2), two = lane(2);
  for (const char* body : {"a", "b", "c", "d", "e"}) REQUIRE(queue.push(one, job(body)));
  for (const char* body : {"x", "y"}) REQUIRE(queue.push(two, job(body)));
  CHECK(bodies(queue.take(Seat::kFirst)) == "ab");
  CHECK(bodies(queue.take(Seat::kFirst)) == "xy");
  CHECK(bodies(queue.take(Seat::kFirst)) == "cd");
  CHECK(bodies(queue.take(Seat::kFirst)) == "e");
}

TEST_CASE("When slow batches hold up all workers, the one in reserve takes what is quick", "[serve]") {
  Queue queue({.workers = 1, .slow = 20ms});
  const auto slow = lane(1), quick = lane(1, 0.001), unknown = lane(1);
  REQUIRE(queue.push(slow, job("s")));
  Queue::Batch known = queue.take(Seat::kFirst);
  std::this_thread::sleep_for(25ms);
  queue.done(std::move(known));  // from now on the lane is known to be slow
  REQUIRE(queue.push(slow, job("t")));
  REQUIRE(queue.push(slow, job("u")));
  auto reserve = std::async(std::launch::async, [&] { return bodies(queue.take(Seat::kReserve)); });
  CHECK(reserve.wait_for(50ms) == std::future_status::timeout);  // nothing quick waits
  const Queue::Batch held = queue.take(Seat::kFirst);
  CHECK(bodies(held) == "t");
  REQUIRE(queue.push(unknown, job("n")));  // it may be slow too, and then nobody would be left
  CHECK(reserve.wait_for(50ms) == std::future_status::timeout);
  REQUIRE(queue.push(quick, job("q")));
  CHECK(reserve.get() == "q");  // although "u" came first
}

TEST_CASE("The one in reserve leaves quick jobs to workers that are not held up", "[serve]") {
  Queue queue({.workers = 2, .slow = 10min});
  const auto quick = lane(1, 0.001);
  REQUIRE(queue.push(quick, job("a")));
  const Queue::Batch at_work = queue.take(Seat::kFirst);
  auto reserve = std::async(std::launch::async, [&] { return bodies(queue.take(Seat::kReserve)); });
  REQUIRE(queue.push(quick, job("b")));
  CHECK(reserve.wait_for(50ms) == std::future_status::timeout);
  CHECK(bodies(queue.take(Seat::kOther)) == "b");
  queue.close();
  CHECK(reserve.get().empty());
}

TEST_CASE("A lane is done when its last job is answered", "[serve]") {
  Queue queue({});
  const auto model = lane(1), other = lane(1);
  int done = 0;
  queue.when_done(*model, [&] { ++done; });  // it has none
  CHECK(done == 1);
  REQUIRE(queue.push(other, job("o")));
  REQUIRE(queue.push(model, job("a")));
  REQUIRE(queue.push(model, job("b")));
  queue.when_done(*model, [&] { ++done; });
  for (const char* body : {"o", "a", "b"}) {
    CHECK(done == 1);
    Queue::Batch batch = queue.take(Seat::kFirst);
    CHECK(bodies(batch) == body);
    queue.done(std::move(batch));
  }
  CHECK(done == 2);
  CHECK(model.use_count() == 1);  // the queue has let go of it
}

TEST_CASE("Jobs of two lanes that come at once wake two workers", "[serve]") {
  Queue queue({.workers = 2});
  const auto one = lane(1), two = lane(1);
  for (int i = 0; i < 20; ++i) {
    const auto take = [&](Seat seat) {
      return std::async(std::launch::async, [&, seat] { return queue.take(seat).size; });
    };
    auto first = take(Seat::kFirst), other = take(Seat::kOther);
    std::this_thread::sleep_for(5ms);
    REQUIRE(queue.push(one, job("a")));
    REQUIRE(queue.push(two, job("b")));
    CHECK(first.get() == 1);
    CHECK(other.wait_for(10s) == std::future_status::ready);
    queue.push(two, job("c"));  // so that the test ends even if it fails
    if (other.get() == 1 && queue.size() > 0) queue.take(Seat::kFirst);
  }
}

TEST_CASE("A closed queue gives what is left and then nothing", "[serve]") {
  Queue queue({});
  const auto model = lane();
  REQUIRE(queue.push(model, job("a")));
  queue.close();
  CHECK_FALSE(queue.push(model, job("b")));
  CHECK(bodies(queue.take(Seat::kFirst)) == "a");
  CHECK(queue.take(Seat::kFirst).lane == nullptr);
  CHECK(queue.take(Seat::kReserve).lane == nullptr);
}

TEST_CASE("A waiting worker is woken by a job and by the end", "[serve]") {
  Queue queue({});
  auto taken = std::async(std::launch::async, [&] { return queue.take(Seat::kOther).size; });
  std::this_thread::sleep_for(10ms);
  REQUIRE(queue.push(lane(), job("a")));
  CHECK(taken.get() == 1);
  auto ended = std::async(std::launch::async, [&] { return queue.take(Seat::kFirst).size; });
  std::this_thread::sleep_for(10ms);
  queue.close();
  CHECK(ended.get() == 0);
}

TEST_CASE("A job that is alone meets the first worker", "[serve]") {
  Queue queue({.workers = 2});
  const auto model = lane();
  auto other = std::async(std::launch::async, [&] { return queue.take(Seat::kOther).size; });
  auto first = std::async(std::launch::async, [&] { return queue.take(Seat::kFirst).size; });
  std::this_thread::sleep_for(20ms);
  REQUIRE(queue.push(model, job("a")));
  CHECK(first.get() == 1);
  CHECK(other.wait_for(20ms) == std::future_status::timeout);
  REQUIRE(queue.push(model, job("b")));
  CHECK(other.get() == 1);
}

TEST_CASE("With a delay a batch waits until it is full or its first job has waited that long", "[serve]") {
  Queue patient({.delay = 10min});
  const auto model = lane(3);
  REQUIRE(patient.push(model, job("a")));
  auto full = std::async(std::launch::async, [&] { return bodies(patient.take(Seat::kFirst)); });
  std::this_thread::sleep_for(20ms);
  REQUIRE(patient.push(model, job("b")));
  REQUIRE(patient.push(model, job("c")));
  CHECK(full.get() == "abc");  // otherwise this would take ten minutes
  Queue queue({.delay = 200ms});
  REQUIRE(queue.push(lane(3), job("d")));
  const auto second = std::chrono::steady_clock::now();
  CHECK(bodies(queue.take(Seat::kFirst)) == "d");
  CHECK(std::chrono::steady_clock::now() - second > 150ms);
}

TEST_CASE("A queue stays empty until a job arrives or it is closed", "[serve]") {
  Queue queue({});
  CHECK(queue.stays_empty(Seat::kFirst, 1ms));
  std::jthread sender([&] { queue.push(lane(), job("a")); });
  CHECK_FALSE(queue.stays_empty(Seat::kFirst, 1min));
  CHECK(bodies(queue.take(Seat::kFirst)) == "a");
  std::jthread closer([&] { queue.close(); });
  CHECK_FALSE(queue.stays_empty(Seat::kOther, 1min));
}
