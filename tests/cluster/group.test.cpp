#include "cluster/group.hpp"

#include <torch/torch.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <functional>
#include <stdexcept>
#include <thread>

#include "base/error.hpp"
#include "tests/catch.hpp"
#include "tests/cluster/run_ranks.hpp"

using namespace smlt;
using namespace std::chrono_literals;
using cluster::Group;
using tests::no_output;
using tests::On;
using tests::options;
using tests::place_of;
using tests::run_ranks;

namespace {

at::Tensor values(int rank, int64_t size, at::ScalarType type) {
  const at::Generator generator = at::detail::createCPUGenerator(static_cast<uint64_t>(rank) + 1);
  return at::randn({size}, generator).mul(1000).to(type);
}

// What the ranks' sums were, one list per rank.
using Sums = std::vector<std::vector<at::Tensor>>;

Sums sums_of(int ranks, const std::vector<int64_t>& sizes, at::ScalarType type, On on) {
  Sums sums(static_cast<size_t>(ranks));
  run_ranks(
      ranks,
      [&](Group& group) {
        for (const int64_t size : sizes) {
          const at::Tensor tensor = values(group.rank(), size, type);
          group.sum(tensor);
          sums[static_cast<size_t>(group.rank())].push_back(tensor);
        }
      },
      on);
  return sums;
}

bool same_bits(const at::Tensor& a, const at::Tensor& b) {
  return a.nbytes() == b.nbytes() && std::memcmp(a.data_ptr(), b.data_ptr(), a.nbytes()) == 0;
}

}  // namespace

TEST_CASE("One rank alone does nothing", "[cluster]") {
  Group group = Group::alone();
  const at::Tensor tensor = torch::ones({3});
  group.sum(tensor);
  group.broadcast({tensor});
  group.barrier();
  CHECK(group.is_alone());
  CHECK(group.leads());
  CHECK(torch::equal(tensor, torch::ones({3})));
  CHECK(group.gather("text") == std::vector<std::string>{"text"});
  CHECK(group.fail({"why", 1}).sentence == "why");
  group.leave();
  CHECK(Group::join({}, {}, no_output(), {}).is_alone());
}

TEST_CASE("Sums and broadcasts between GPUs", "[cluster][cuda]") {
  if (torch::cuda::device_count() < 2) {
    WARN("there are fewer than two GPUs: nothing was tried");
    return;
  }
  const auto expect = [](bool holds, const char* what) {  // Catch may not be called by two threads at once
    if (!holds) throw std::runtime_error(what);
  };
  const auto work = [&](Group& group) {
    const at::TensorOptions here = at::device({c10::kCUDA, static_cast<c10::DeviceIndex>(group.rank())});
    const at::Tensor first = torch::ones({1000}, here), second = torch::full({70'000}, group.rank() + 1.0, here);
    cluster::Pending one = group.start_sum(first), other = group.start_sum(second);
    one.wait();
    other.wait();
    expect(group.sums_in_background(), "sums in the background");
    expect(torch::equal(first.cpu(), torch::full({1000}, 2.0)), "first sum");
    expect(torch::equal(second.cpu(), torch::full({70'000}, 3.0)), "second sum");
    const at::Tensor mine = torch::full({3}, group.rank() + 5.0, here);
    group.broadcast({mine});
    expect(torch::equal(mine.cpu(), torch::full({3}, 5.0)), "broadcast");
    expect(group.gather(std::to_string(group.rank())) == std::vector<std::string>{"0", "1"}, "gather");
  };
  run_ranks(2, work, On::kOneHost, /*on_gpus=*/true);
}

TEST_CASE("A sum has the same bits on every rank and in every run", "[cluster]") {
  const int ranks = GENERATE(2, 3, 4);
  const at::ScalarType type = GENERATE(at::kFloat, at::kDouble, at::kLong);
  const On on = GENERATE(On::kOneHost, On::kSeveralHosts);
  std::vector<int64_t> sizes = {
      0,  1,  2,  3,  4,   5,    7,    8,      15,     16,      17,
      31, 63, 64, 65, 100, 1000, 4099, 16'384, 65'537, 100'000, 600'001};  // more than the shared memory holds at once
  const Sums sums = sums_of(ranks, sizes, type, on), again = sums_of(ranks, sizes, type, on);
  for (size_t i = 0; i < sizes.size(); ++i) {
    CAPTURE(ranks, static_cast<int>(type), sizes[i]);
    at::Tensor expected = torch::zeros({sizes[i]}, at::kDouble);
    for (int rank = 0; rank < ranks; ++rank) expected += values(rank, sizes[i], type).to(at::kDouble);
    CHECK(torch::allclose(sums[0][i].to(at::kDouble), expected, 1e-5, 1e-3));
    for (size_t rank = 0; rank < sums.size(); ++rank) {
      CHECK(same_bits(sums[rank][i], sums[0][i]));
      CHECK(same_bits(sums[rank][i], again[rank][i]));
    }
  }
}

TEST_CASE("Sums of every size up to a thousand have the same bits on every rank", "[cluster]") {
  const int ranks = GENERATE(2, 3, 4);
  const On on = GENERATE(On::kOneHost, On::kSeveralHosts);
  std::vector<int64_t> sizes;
  for (int64_t size = 1; size <= 1000; ++size) sizes.push_back(size);
  const Sums sums = sums_of(ranks, sizes, at::kFloat, on);
  bool same = true;
  for (const auto& its : sums) {
    for (size_t i = 0; i < sizes.size(); ++i) same = same && same_bits(its[i], sums[0][i]);
  }
  CHECK(same);
}

TEST_CASE("A broadcast takes any type, shape and layout", "[cluster]") {
  const auto tensors = [](int64_t value) {
    return std::vector<at::Tensor>{
        torch::full({3}, value, at::kFloat),     torch::full({}, value, at::kLong),
        torch::full({5}, value, at::kByte),      torch::full({2, 3}, value, at::kDouble).t(),
        torch::full({3}, value != 0, at::kBool), torch::full({0}, value, at::kFloat),
        torch::full({4}, value, at::kBFloat16),  torch::full({2, 2}, value, at::kFloat).requires_grad_()};
  };
  std::atomic<bool> same = true;
  run_ranks(2, [&](Group& group) {
    const std::vector<at::Tensor> own = tensors(group.leads() ? 7 : 0), expected = tensors(7);
    group.broadcast(own);
    for (size_t i = 0; i < own.size(); ++i) same = same && torch::equal(own[i], expected[i]);
  });
  CHECK(same);
}

TEST_CASE("Every rank gathers every rank's text", "[cluster]") {
  const std::vector<std::string> texts = {"", "Zürich\n", std::string(10'000, 'x')};
  std::atomic<int> equal = 0;
  run_ranks(3, [&](Group& group) {
    if (group.gather(texts[static_cast<size_t>(group.rank())]) == texts) ++equal;
    if (group.gather("") == std::vector<std::string>(3)) ++equal;
  });
  CHECK(equal == 6);
}

TEST_CASE("Only contiguous numbers are summed", "[cluster]") {
  Group group = Group::alone();
  CHECK_THROWS_AS(group.sum(torch::ones({2, 3}).t()), AlgorithmError);
  CHECK_THROWS_AS(group.sum(torch::ones({2}, at::kByte)), AlgorithmError);
}

TEST_CASE("A rank that does not arrive is an error that names it", "[cluster]") {
  std::atomic<int> failures = 0;
  cluster::JoinOptions impatient = options(failures);
  impatient.patience.give_up = 300ms;
  impatient.watch.linger = 100ms;
  CHECK_THROWS_WITH(Group::join(place_of(0, 3, tests::free_port()), impatient, no_output(), {}),
                    ContainsSubstring("Expected algo-2 and algo-3 to join the job"));
  CHECK_THROWS_WITH(Group::join(place_of(1, 3, tests::free_port()), impatient, no_output(), {}),
                    ContainsSubstring("to answer on port"));
}

TEST_CASE("A stop ends the wait for other ranks", "[cluster]") {
  std::atomic<int> failures = 0;
  cluster::JoinOptions patient = options(failures);
  patient.watch.linger = 100ms;
  for (const int rank : {0, 1}) {
    std::stop_source source;
    const std::jthread stopper([&] { std::this_thread::sleep_for(200ms), source.request_stop(); });
    CHECK_THROWS_WITH(Group::join(place_of(rank, 2, tests::free_port()), patient, no_output(), source.get_token()),
                      ContainsSubstring("was stopped while it waited"));
  }
}

TEST_CASE("Two processes cannot be the same rank", "[cluster]") {
  const uint16_t port = tests::free_port();
  std::atomic<int> failures = 0;
  cluster::JoinOptions impatient = options(failures);
  impatient.patience.give_up = 2s;
  impatient.watch.linger = 100ms;
  const auto sentence_of = [&](int rank) -> std::string {
    try {
      Group::join(place_of(rank, 3, port), impatient, no_output(), {});
    } catch (const PlatformError& e) {
      return e.what();
    }
    return "";
  };
  std::string first, second;
  {
    const std::jthread leader([&] { sentence_of(0); });
    const std::jthread one([&] { first = sentence_of(1); }), two([&] { second = sentence_of(1); });
  }
  const std::string expected = "Expected to be algo-2, found that another process is";
  CHECK(first.starts_with(expected) != second.starts_with(expected));
}

TEST_CASE("A port that is taken is an error", "[cluster]") {
  uint16_t port = 0;
  const tests::Listener listener(port);
  std::atomic<int> failures = 0;
  CHECK_THROWS_WITH(Group::join(place_of(0, 2, port), options(failures), no_output(), {}),
                    ContainsSubstring("Cannot listen on port " + std::to_string(port)));
}
