#include "train/gradient_sum.hpp"

#include <torch/torch.h>

#include <stdexcept>

#include "tests/cluster/run_ranks.hpp"
#include "tests/models/tiny_data.hpp"

using namespace smlt;

namespace {

// Catch may not be called by two threads at once.
void expect(bool holds, const std::string& what) {
  if (!holds) throw std::runtime_error(what);
}

enum class Hands { kFromBackward, kAfterwards, kNothing };  // its gradients

// Rank r's gradients are r + 1 times these.
constexpr double kGradients[] = {1, 2, 3};

void check_step(const train::Ranks& ranks, train::Optimizer& optimizer, Hands mine, double factors) {
  const std::vector<at::Tensor>& parameters = optimizer.parameters();
  const double factor = ranks.rank() + 1;
  at::Tensor loss = torch::zeros({});
  for (size_t i = 0; i < parameters.size(); ++i) loss = loss + (parameters[i] * (factor * kGradients[i])).sum();
  train::GradientSum sum(ranks, optimizer, 2);
  if (mine == Hands::kFromBackward) sum.follow_backward();
  const std::vector<at::Tensor> gradients = torch::autograd::grad({loss}, parameters);
  if (mine == Hands::kAfterwards) sum.add(gradients);
  at::Tensor numbers = torch::tensor({factor, 0.5}, torch::kFloat);
  const std::vector<at::Tensor> sums = sum.finish(numbers);
  for (size_t i = 0; i < sums.size(); ++i) {
    expect(torch::equal(sums[i], torch::full_like(parameters[i], factors * kGradients[i])), "sum " + std::to_string(i));
  }
  const double all = ranks.size() * (ranks.size() + 1) / 2.0;
  expect(torch::equal(numbers, torch::tensor({all, 0.5 * ranks.size()}, torch::kFloat)), "numbers");
}

}  // namespace

// Three messages, the first two of more than a megabyte.
TEST_CASE("Ranks sum their gradients, whether they come from the backward pass, after it or not at all", "[train]") {
  const int size = GENERATE(2, 3);
  const tests::On on = GENERATE(tests::On::kOneHost, tests::On::kSeveralHosts);
  const data::DataSet data = test::tiny_images(64);
  const auto work = [&](cluster::Group& group) {
    const train::Ranks ranks(group, data, c10::kCPU);
    const std::vector<at::Tensor> parameters = {torch::zeros({100, 7}).requires_grad_(),
                                                torch::zeros({1200, 1000}).requires_grad_(),
                                                torch::zeros({1100, 1000}).requires_grad_()};
    train::Optimizer optimizer({}, parameters);
    const double all = size * (size + 1) / 2.0;
    const bool is_last = ranks.rank() == size - 1;
    for (int step = 0; step < 3; ++step) {
      check_step(ranks, optimizer, Hands::kFromBackward, all);
      check_step(ranks, optimizer, is_last ? Hands::kAfterwards : Hands::kFromBackward, all);
      check_step(ranks, optimizer, is_last ? Hands::kNothing : Hands::kFromBackward, all - size);
    }
    expect(parameters[0].register_hook([](const at::Tensor&) {}) == 1, "one hook a parameter, however many steps");
  };
  tests::run_ranks(size, work, on);
}
