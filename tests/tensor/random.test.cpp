#include "tensor/random.hpp"

#include <torch/torch.h>

#include "base/error.hpp"
#include "tensor/dropout.hpp"
#include "tensor/permutation.hpp"
#include "tests/catch.hpp"

using namespace smlt;
using tensor::Dropout;
using tensor::DropoutImpl;

TEST_CASE("The random stream is SplitMix64's", "[tensor]") {
  // First outputs of the reference implementation for the seed 1234567 (https://prng.di.unimi.it/splitmix64.c).
  CHECK(tensor::random_bits(1234567, 0) == 6457827717110365317u);
  CHECK(tensor::random_bits(1234567, 1) == 3203168211198807973u);
  CHECK(tensor::random_bits(1234567, 2) == 9817491932198370423u);
}

TEST_CASE("A permutation holds every row once, repeats for its seed and epoch, and changes with either", "[tensor]") {
  const at::Tensor order = tensor::permutation(1000, 1, 1);
  CHECK(torch::equal(std::get<0>(order.sort()), torch::arange(1000)));
  CHECK(torch::equal(order, tensor::permutation(1000, 1, 1)));
  CHECK_FALSE(torch::equal(order, tensor::permutation(1000, 1, 2)));
  CHECK_FALSE(torch::equal(order, tensor::permutation(1000, 2, 1)));
  CHECK(tensor::permutation(1, 1, 1).item<int64_t>() == 0);
}

TEST_CASE("Dropout drops its share, scales the rest and keeps the mean", "[tensor]") {
  Dropout dropout(0.25, 1);
  const tensor::RandomScope scope({.seed = 3, .epoch = 1, .step = 1});
  const at::Tensor out = dropout(torch::ones({400, 100}));
  const double dropped = (out == 0).to(torch::kDouble).mean().item<double>();
  CHECK(dropped == Approx(0.25).margin(0.01));
  CHECK(out.mean().item<double>() == Approx(1.0).margin(0.02));
  CHECK(out.max().item<float>() == Approx(1 / 0.75));
}

TEST_CASE("Channel dropout drops whole channels", "[tensor]") {
  Dropout dropout(0.5, 1, DropoutImpl::Unit::kChannel);
  const tensor::RandomScope scope({.seed = 3, .epoch = 1, .step = 1});
  const at::Tensor sums = dropout(torch::ones({50, 20, 3, 3})).sum({2, 3});
  CHECK(((sums == 0) | (sums == 18)).all().item<bool>());
  CHECK((sums == 0).to(torch::kDouble).mean().item<double>() == Approx(0.5).margin(0.06));
}

TEST_CASE("Two shards of a batch drop the same as the whole batch", "[tensor]") {
  Dropout dropout(0.5, 7);
  const at::Tensor batch = torch::ones({9, 31});
  const auto masked = [&](const at::Tensor& rows, int64_t first_row) {
    const tensor::RandomScope scope({.seed = 5, .epoch = 2, .step = 11, .first_row = first_row});
    return dropout(rows);
  };
  const at::Tensor whole = masked(batch, 0);
  CHECK(torch::equal(whole, torch::cat({masked(batch.narrow(0, 0, 4), 0), masked(batch.narrow(0, 4, 5), 4)})));
  CHECK_FALSE(torch::equal(whole, masked(batch, 1)));
}

TEST_CASE("Layers, steps and epochs draw different masks", "[tensor]") {
  const at::Tensor batch = torch::ones({20, 20});
  const auto masked = [&](uint64_t layer, uint64_t epoch, uint64_t step) {
    Dropout dropout(0.5, layer);
    const tensor::RandomScope scope({.seed = 5, .epoch = epoch, .step = step});
    return dropout(batch);
  };
  CHECK(torch::equal(masked(1, 1, 1), masked(1, 1, 1)));
  CHECK_FALSE(torch::equal(masked(1, 1, 1), masked(2, 1, 1)));
  CHECK_FALSE(torch::equal(masked(1, 1, 1), masked(1, 2, 1)));
  CHECK_FALSE(torch::equal(masked(1, 1, 1), masked(1, 1, 2)));
}

TEST_CASE("Dropout is the identity in eval mode and refuses to draw outside a step", "[tensor]") {
  Dropout dropout(0.5, 1);
  CHECK_THROWS_AS(dropout(torch::ones({2, 2})), AlgorithmError);
  dropout->eval();
  CHECK(torch::equal(dropout(torch::ones({2, 2})), torch::ones({2, 2})));
}
