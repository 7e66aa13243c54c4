#include "serve/joined.hpp"

#include <torch/torch.h>

#include "base/error.hpp"
#include "tests/catch.hpp"

using namespace smlt;

namespace {

// Twice the input; fails if a row holds -1.
struct Twice {
  std::vector<int64_t> sizes = {};

  serve::Forward forward() {
    return [this](const at::Tensor& input) {
      sizes.push_back(input.size(0));
      if ((input == -1).any().item<bool>()) throw UserError("Expected no -1.");
      return input * 2;
    };
  }
};

at::Tensor rows(std::vector<float> values) {
  const auto count = static_cast<int64_t>(values.size());
  return torch::tensor(values).view({count, 1});
}

}  // namespace

TEST_CASE("Inputs that fit are run together, in order, and returned separately", "[serve]") {
  Twice twice;
  const std::vector<at::Tensor> inputs = {rows({1}), rows({2, 3}), rows({4})};
  const auto outcomes = serve::run_joined(inputs, twice.forward(), {});
  CHECK(twice.sizes == std::vector<int64_t>{4});
  REQUIRE(outcomes.size() == 3);
  CHECK(at::equal(outcomes[0].output.toTensor(), rows({2})));
  CHECK(at::equal(outcomes[1].output.toTensor(), rows({4, 6})));
  CHECK(at::equal(outcomes[2].output.toTensor(), rows({8})));
}

TEST_CASE("Rows of different shapes and types are not joined", "[serve]") {
  Twice twice;
  const std::vector<at::Tensor> inputs = {rows({1}), torch::ones({1, 3}), rows({2}), rows({3}).to(torch::kDouble)};
  const auto outcomes = serve::run_joined(inputs, twice.forward(), {});
  CHECK(twice.sizes == std::vector<int64_t>{2, 1, 1});
  CHECK(at::equal(outcomes[1].output.toTensor(), torch::full({1, 3}, 2)));
  CHECK(at::equal(outcomes[2].output.toTensor(), rows({4})));
  CHECK(outcomes[3].output.toTensor().scalar_type() == torch::kDouble);
}

TEST_CASE("Larger inputs go through the network in pieces", "[serve]") {
  Twice twice;
  const at::Tensor many = torch::arange(10, torch::kFloat).view({10, 1});
  const auto outcomes = serve::run_joined(std::vector{many}, twice.forward(), {.rows = 4});
  CHECK(twice.sizes == std::vector<int64_t>{4, 4, 2});
  CHECK(at::equal(outcomes[0].output.toTensor(), many * 2));
  CHECK(serve::JoinLimits{.rows = 32, .bytes = 100}.rows_of(30) == 3);
  CHECK(serve::JoinLimits{.rows = 32, .bytes = 100}.rows_of(300) == 1);
  CHECK(serve::JoinLimits{.rows = 32, .bytes = 100}.rows_of(0) == 32);
}

TEST_CASE("An output that grows too large is refused before it is complete", "[serve]") {
  Twice twice;
  const at::Tensor many = torch::arange(10, torch::kFloat).view({10, 1});
  const auto outcomes = serve::run_joined(std::vector{many}, twice.forward(), {.rows = 2, .output_bytes = 20});
  CHECK(twice.sizes == std::vector<int64_t>{2, 2, 2});
  CHECK_THROWS_WITH(std::rethrow_exception(outcomes[0].error), ContainsSubstring("send fewer records"));
}

TEST_CASE("A failing input does not fail its neighbours", "[serve]") {
  Twice twice;
  const std::vector<at::Tensor> inputs = {rows({1}), rows({-1}), rows({3})};
  for (const auto& outcomes :
       {serve::run_joined(inputs, twice.forward(), {}), serve::run_apart(inputs, twice.forward())}) {
    CHECK(at::equal(outcomes[0].output.toTensor(), rows({2})));
    CHECK(outcomes[1].output.isNone());
    CHECK_THROWS_WITH(std::rethrow_exception(outcomes[1].error), "Expected no -1.");
    CHECK(at::equal(outcomes[2].output.toTensor(), rows({6})));
  }
}

TEST_CASE("A network that does not answer row by row runs inputs one by one, and is refused then", "[serve]") {
  const auto sum = [](const at::Tensor& input) { return input.sum(0, /*keepdim=*/true); };
  const auto outcomes = serve::run_joined(std::vector{rows({1}), rows({2}), rows({3, 4})}, sum, {});
  CHECK(at::equal(outcomes[0].output.toTensor(), rows({1})));
  CHECK(at::equal(outcomes[1].output.toTensor(), rows({2})));
  CHECK_THROWS_WITH(std::rethrow_exception(outcomes[2].error), ContainsSubstring("each of 2 rows, found shape (1, 1)"));
}
