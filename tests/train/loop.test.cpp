#include "train/loop.hpp"

#include <sys/mman.h>
#include <torch/torch.h>
#include <unistd.h>

#include <limits>

#include "base/error.hpp"
#include "base/file.hpp"
#include "cards/card.hpp"
#include "jobs/make_model.hpp"
#include "tests/catch.hpp"
#include "tests/models/tiny_data.hpp"
#include "tests/temporary.hpp"
#include "train/evaluate.hpp"

using namespace smlt;

namespace {

// One run of the loop on MNIST's network and a tiny data set.
struct Run {
  explicit Run(std::vector<settings::RawSetting> raw, train::LoopOptions options = {}, std::stop_token stop = {}) {
    const auto knobs = cards::all_knobs(cards::card_named("mnist"));
    std::vector<std::string> warnings;
    const settings::Settings settings(knobs, raw, warnings);
    model = make_model("mnist", settings);
    torch::manual_seed(1);
    net = model->make_net(data);
    train::Loop loop(*model, *net, data, options, output, journal);
    stepped = loop.run(stop);
    facts = loop.final_facts();
  }
  ~Run() { ::close(fd); }
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  // Sharded as the loop was: the same sums in the same order.
  train::StepContext context() const { return {*model, *net, data, train::plan_step(*model, *net, 64, 1)}; }

  std::string text() const { return read_file("/proc/self/fd/" + std::to_string(fd), 1 << 20); }
  size_t count(const std::string& what) const {
    size_t found = 0;
    const std::string all = text();
    for (size_t at = all.find(what); at != std::string::npos; at = all.find(what, at + 1)) ++found;
    return found;
  }

  test::TemporaryDirectory directory;
  data::DataSet data = test::tiny_images(64);
  int fd = ::memfd_create("output", 0);
  Output output{fd};
  train::Journal journal{directory.path() / "metrics.jsonl"};
  std::unique_ptr<model::Model> model;
  std::shared_ptr<tensor::Net> net;
  model::EpochFacts facts;
  bool stepped = false;
};

settings::RawSetting say(std::string name, std::string value) {
  return {std::move(name), std::move(value), "command line"};
}

}  // namespace

TEST_CASE("Each epoch prints the tutorial's line, the common line and an entry of the journal", "[train]") {
  const Run run({say("epochs", "3"), say("batch-size", "32"), say("log-interval", "1")});
  CHECK(run.count("Train Epoch: ") == 6);
  CHECK(run.count("Train Epoch: 2 [64/64 (100%)] Loss: ") == 1);
  CHECK(run.count("Test set: Average loss: ") == 3);
  CHECK(run.count("\nepoch=") == 3);
  CHECK(run.journal.entries().size() == 3);
  const std::string lines = read_file(run.directory.path() / "metrics.jsonl", 1 << 20);
  CHECK(std::count(lines.begin(), lines.end(), '\n') == 3);
  CHECK_THAT(lines, ContainsSubstring("{\"epoch\": 3, \"train_loss\": "));
}

TEST_CASE("The last metric lines describe the final weights", "[train]") {
  const Run last({say("epochs", "2")});
  const model::Evaluation again = train::evaluate(last.context(), last.data.validation);
  CHECK(again.loss_sum == last.facts.validation.loss_sum);
  CHECK(again.correct == last.facts.validation.correct);
}

TEST_CASE("keep=best ends with the weights of the best epoch and prints both of its lines again", "[train]") {
  // So high a rate that the loss does not fall in every epoch.
  const Run run({say("epochs", "6"), say("lr", "0.35"), say("batch-size", "8")}, {.keep_best = true});
  const auto entries = run.journal.entries();
  size_t best = 0;
  for (size_t i = 0; i < entries.size(); ++i) {
    if (entries[i].at("validation_loss").as_double() < entries[best].at("validation_loss").as_double()) best = i;
  }
  REQUIRE(best + 1 < entries.size());
  CHECK(run.facts.epoch == static_cast<int64_t>(best) + 1);
  CHECK(run.count("Test set: ") == 7);
  CHECK(run.count("\nepoch=") == 7);
  CHECK(train::evaluate(run.context(), run.data.validation).loss_sum == run.facts.validation.loss_sum);
}

TEST_CASE("patience stops after that many epochs without a lower validation loss", "[train]") {
  const Run run({say("epochs", "200"), say("lr", "0.35"), say("batch-size", "8")}, {.patience = 2});
  CHECK(run.facts.epoch < 200);
  const auto entries = run.journal.entries();
  size_t best = 0;
  for (size_t i = 0; i < entries.size(); ++i) {
    if (entries[i].at("validation_loss").as_double() < entries[best].at("validation_loss").as_double()) best = i;
  }
  CHECK(entries.size() - 1 - best == 2);
}

TEST_CASE("A loss that is not finite stops with epoch, step, learning rate and advice", "[train]") {
  CHECK_THROWS_WITH(Run({say("epochs", "50"), say("lr", "30"), say("batch-size", "8")}),
                    ContainsSubstring("finite loss") && ContainsSubstring("epoch ") && ContainsSubstring("step ") &&
                        ContainsSubstring("learning rate 30") && ContainsSubstring("lower the learning rate"));
}

TEST_CASE("A divergence in the last step of an epoch is found at its end", "[train]") {
  // Steps look healthy; the weights they leave do not.
  struct Lost : model::Model {
    data::DataSet open(const model::Source&) const override { return test::tiny_images(64); }
    std::shared_ptr<tensor::Net> make_net(const data::DataSet&) const override { return nullptr; }
    std::vector<model::Phase> phases() const override { return {{.epochs = 3}}; }
    at::Tensor loss(const at::Tensor& output, const at::Tensor& targets) const override {
      const at::Tensor loss = torch::nll_loss(output, targets);
      return torch::GradMode::is_enabled() ? loss : loss * std::numeric_limits<double>::infinity();
    }
  };
  Run sound({say("epochs", "1")});
  const Lost model;
  const test::TemporaryDirectory directory;
  Output output(sound.fd);
  train::Journal journal(directory.path() / "metrics.jsonl");
  train::Loop loop(model, *sound.net, sound.data, {}, output, journal);
  CHECK_THROWS_WITH(loop.run({}), ContainsSubstring("finite validation loss at the end of epoch 1"));
}

TEST_CASE("on_divergence=stop goes back to the last sound epoch, or fails if there is none", "[train]") {
  // The fifth training step, the first of the third epoch, is the first to be lost.
  struct Diverging : model::Model {
    explicit Diverging(int64_t steps) : sound_steps(steps) {}
    data::DataSet open(const model::Source&) const override { return test::tiny_images(64); }
    std::shared_ptr<tensor::Net> make_net(const data::DataSet&) const override { return nullptr; }
    std::vector<model::Phase> phases() const override { return {{.epochs = 9, .batch_size = 32}}; }
    at::Tensor loss(const at::Tensor& output, const at::Tensor& targets) const override {
      const at::Tensor loss = torch::nll_loss(output, targets);
      if (!torch::GradMode::is_enabled() || sound_steps-- > 0) return loss;
      return loss * std::numeric_limits<double>::infinity();
    }
    mutable int64_t sound_steps;
  };
  Run fresh({say("epochs", "1")});
  const test::TemporaryDirectory directory;
  Output output(fresh.fd);
  train::Journal journal(directory.path() / "metrics.jsonl");
  const Diverging late(4);
  train::Loop loop(late, *fresh.net, fresh.data, {.stop_on_divergence = true}, output, journal);
  CHECK(loop.run({}));
  CHECK(loop.final_facts().epoch == 2);
  CHECK(journal.entries().size() == 2);
  const model::Evaluation left = train::evaluate({late, *fresh.net, fresh.data}, fresh.data.validation);
  CHECK(left.loss_sum == loop.final_facts().validation.loss_sum);
  CHECK_THAT(fresh.text(), ContainsSubstring("stops with the weights of epoch 2"));

  const Diverging early(1);
  train::Loop hopeless(early, *fresh.net, fresh.data, {.stop_on_divergence = true}, output, journal);
  CHECK_THROWS_AS(hopeless.run({}), UserError);
}

TEST_CASE("A stop before the first step leaves nothing to export and writes nothing", "[train]") {
  std::stop_source source;
  source.request_stop();
  const Run run({say("epochs", "5")}, {}, source.get_token());
  CHECK_FALSE(run.stepped);
  CHECK(run.text().empty());
  CHECK_FALSE(std::filesystem::exists(run.directory.path() / "metrics.jsonl"));
}

TEST_CASE("Two runs give the same bits", "[train]") {
  const Run first({say("epochs", "2")});
  const Run second({say("epochs", "2")});
  const auto a = first.net->parameters();
  const auto b = second.net->parameters();
  for (size_t i = 0; i < a.size(); ++i) CHECK(torch::equal(a[i], b[i]));
}
