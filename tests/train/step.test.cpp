#include "train/step.hpp"

#include <torch/torch.h>

#include "cards/card.hpp"
#include "jobs/make_model.hpp"
#include "tensor/dropout.hpp"
#include "tests/catch.hpp"
#include "tests/models/tiny_data.hpp"
#include "train/evaluate.hpp"
#include "train/warnings.hpp"

using namespace smlt;

namespace {

struct Trainee {
  explicit Trainee(const data::DataSet& data) {
    std::vector<std::string> warnings;
    const auto knobs = cards::all_knobs(cards::card_named("mnist"));
    model = make_model("mnist", settings::Settings(knobs, {}, warnings));
    torch::manual_seed(1);
    net = model->make_net(data);
    net->train();
  }
  std::unique_ptr<model::Model> model;
  std::shared_ptr<tensor::Net> net;
};

// The weights after a few steps, all in a row, and the last step's loss.
std::pair<at::Tensor, double> trained(const data::DataSet& data, train::StepPlan plan) {
  const Trainee trainee(data);
  at::set_num_threads(plan.threads);
  train::Optimizer optimizer({.lr = 0.05, .momentum = 0.5}, trainee.net->parameters());
  double loss = 0;
  for (uint64_t number = 1; number <= 4; ++number) {
    loss = train::step({*trainee.model, *trainee.net, data, plan}, optimizer, torch::arange(50),
                       {.seed = 1, .epoch = 1, .step = number})
               .loss;
  }
  at::set_num_threads(1);
  std::vector<at::Tensor> flat;
  for (const at::Tensor& parameter : trainee.net->parameters()) flat.push_back(parameter.detach().flatten());
  return {torch::cat(flat), loss};
}

}  // namespace

TEST_CASE("Shards together give the result of the whole batch", "[train]") {
  const data::DataSet data = test::tiny_images(64);
  const auto [whole, whole_loss] = trained(data, {0, 1});
  for (const int64_t rows : {7, 16, 25, 50, 64}) {
    const auto [sharded, loss] = trained(data, {rows, 1});
    CHECK(loss == Approx(whole_loss).epsilon(1e-5));
    CHECK(torch::allclose(sharded, whole, 1e-4, 1e-6));
  }
}

TEST_CASE("A sharded step gives the same bits on any number of threads, every time", "[train]") {
  const data::DataSet data = test::tiny_images(64);
  const auto [once, loss] = trained(data, {8, 1});
  for (const int threads : {1, 2, 3, 4, 4, 4}) {
    const auto [again, its_loss] = trained(data, {8, threads});
    CHECK(torch::equal(again, once));
    CHECK(its_loss == loss);
  }
}

TEST_CASE("An error in a shard is thrown by the step", "[train]") {
  struct Failing : model::Model {
    data::DataSet open(const model::Source&) const override { return {}; }
    std::shared_ptr<tensor::Net> make_net(const data::DataSet&) const override { return nullptr; }
    std::vector<model::Phase> phases() const override { return {}; }
    at::Tensor loss(const at::Tensor&, const at::Tensor&) const override { throw std::runtime_error("of a shard"); }
  };
  const data::DataSet data = test::tiny_images(64);
  const Trainee trainee(data);
  train::Optimizer optimizer({}, trainee.net->parameters());
  at::set_num_threads(2);
  CHECK_THROWS_WITH(train::step({Failing(), *trainee.net, data, {8, 2}}, optimizer, torch::arange(32), {}),
                    ContainsSubstring("of a shard"));
  at::set_num_threads(1);
}

TEST_CASE("The plan shards what the model allows, never a BatchNorm in training mode", "[train]") {
  const data::DataSet data = test::tiny_images(64);
  const Trainee trainee(data);
  CHECK(train::plan_step(*trainee.model, *trainee.net, 64, 2).is_sharded());
  CHECK(train::plan_step(*trainee.model, *trainee.net, 64, 2).shard_rows == 32);
  CHECK(train::plan_step(*trainee.model, *trainee.net, 64, 32).shard_rows == 16);
  CHECK(train::plan_step(*trainee.model, *trainee.net, 4096, 2).shard_rows == 64);

  CHECK(train::plan_step(*trainee.model, *trainee.net, 16, 2).operator_threads == 1);
  CHECK(train::plan_step(*trainee.model, *trainee.net, 4096, 2).operator_threads == 2);
  CHECK(train::plan_step(*trainee.model, *trainee.net, 16, 2).text(16) ==
        "each batch at once, 1 thread inside operators");

  struct Normalized : tensor::Net {
    Normalized() { register_module("bn", bn); }
    at::Tensor forward(const at::Tensor& input) override { return bn(input); }
    torch::nn::BatchNorm2d bn{1};
  };
  const auto normalized = std::make_shared<Normalized>();
  normalized->train();
  CHECK_FALSE(train::plan_step(*trainee.model, *normalized, 64, 2).is_sharded());
  normalized->eval();
  CHECK(train::plan_step(*trainee.model, *normalized, 64, 2).is_sharded());
}

TEST_CASE("Evaluation gives the same sums however it is cut", "[train]") {
  const data::DataSet data = test::tiny_images(500);
  const Trainee trainee(data);
  const model::Evaluation whole = train::evaluate({*trainee.model, *trainee.net, data, {0, 1}}, data.train);
  const model::Evaluation cut = train::evaluate({*trainee.model, *trainee.net, data, {16, 1}}, data.train);
  CHECK(cut.rows == 500);
  CHECK(cut.correct == whole.correct);
  CHECK(cut.batches == 1);
  CHECK(cut.loss() == Approx(whole.loss()).epsilon(1e-6));
  CHECK(cut.batch_loss_sum == Approx(whole.loss()).epsilon(1e-6));
  CHECK(trainee.net->is_training());
}

TEST_CASE("Evaluation tells whether one class is predicted for all rows", "[train]") {
  data::DataSet data = test::tiny_images(200);
  const Trainee trainee(data);
  const auto evaluated = [&](int64_t shard_rows) {
    return train::evaluate({*trainee.model, *trainee.net, data, {shard_rows, 1}}, data.train);
  };
  data.train.inputs.copy_(data.train.inputs[0].clone().expand_as(data.train.inputs));
  const model::Evaluation one = evaluated(0);
  REQUIRE(one.only_class >= 0);
  CHECK(one.correct == (data.train.targets == one.only_class).sum().item<int64_t>());
  CHECK(evaluated(16).only_class == one.only_class);
  const std::string label =
      "predicts class '" + data.labels[static_cast<size_t>(one.only_class)] + "' for all 200 rows";
  data.validation = data.train;
  CHECK_THAT(train::one_answer_warning(one, data).value_or(""), ContainsSubstring(label));

  data.validation.targets = torch::full({200}, 3, torch::kLong);  // nothing to tell apart
  CHECK_FALSE(train::one_answer_warning(one, data));
  CHECK_FALSE(train::one_answer_warning({}, data));

  data = test::tiny_images(200);
  train::Optimizer optimizer({.lr = 0.05, .momentum = 0.5}, trainee.net->parameters());
  for (uint64_t number = 1; number <= 100; ++number) {
    train::step({*trainee.model, *trainee.net, data}, optimizer, torch::arange(64),
                {.seed = 1, .epoch = 1, .step = number});
  }
  CHECK(evaluated(0).only_class == -1);
  CHECK(evaluated(16).only_class == -1);
}

TEST_CASE("Optimizers step as torch.optim does", "[train]") {
  at::Tensor start = torch::randn({4, 3});
  start += start.sign();  // about zero the direction of Adam's step hangs on the last bit of a gradient
  const auto ours = [&](const model::OptimizerSpec& spec) {
    at::Tensor parameter = start.clone();
    train::Optimizer optimizer(spec, {parameter});
    for (int i = 1; i <= 5; ++i) optimizer.step(std::vector<at::Tensor>{(parameter * i).t().contiguous().t()});
    return parameter;
  };
  const auto theirs = [&](auto make) {
    at::Tensor parameter = start.clone().requires_grad_();
    auto optimizer = make(std::vector<at::Tensor>{parameter});
    for (int i = 1; i <= 5; ++i) {
      parameter.mutable_grad() = (parameter * i).detach();
      optimizer.step();
    }
    return parameter.detach();
  };
  using torch::optim::Adam;
  using torch::optim::SGD;
  using torch::optim::SGDOptions;
  CHECK(torch::allclose(ours({.lr = 0.1}), theirs([](auto p) { return SGD(p, SGDOptions(0.1)); })));
  CHECK(torch::allclose(ours({.lr = 0.1, .momentum = 0.9, .weight_decay = 0.01}),
                        theirs([](auto p) { return SGD(p, SGDOptions(0.1).momentum(0.9).weight_decay(0.01)); })));
  CHECK(torch::allclose(ours({.kind = model::OptimizerSpec::Kind::kAdam, .lr = 0.1}),
                        theirs([](auto p) { return Adam(p, torch::optim::AdamOptions(0.1)); })));
}
