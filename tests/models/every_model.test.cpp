// What every registered model must do; a new one is tested the moment it is registered.
#include <sys/mman.h>
#include <torch/script.h>
#include <torch/torch.h>
#include <unistd.h>

#include <regex>

#include "artifact/save.hpp"
#include "base/file.hpp"
#include "cards/card.hpp"
#include "jobs/native_net.hpp"
#include "model/model.hpp"
#include "script/trace.hpp"
#include "serve/model.hpp"
#include "tensor/safetensors.hpp"
#include "tests/catch.hpp"
#include "tests/models/subject.hpp"
#include "tests/temporary.hpp"
#include "train/evaluate.hpp"
#include "train/loop.hpp"
#include "train/optimizer.hpp"
#include "train/step.hpp"

using namespace smlt;
using test::Subject;

TEST_CASE("Every model: found by its name and its aliases, in any spelling", "[models]") {
  for (const cards::Card& card : cards::cards()) {
    std::vector<std::string> names = card.aliases;
    names.push_back(card.name);
    for (std::string name : names) {
      CHECK(&cards::card_named(name) == &card);
      std::replace(name.begin(), name.end(), '_', '-');
      CHECK(&cards::card_named(name) == &card);
    }
  }
}

TEST_CASE("Every model: one output per class, at any batch size", "[models]") {
  for (const cards::Card& card : cards::cards()) {
    INFO(card.name);
    Subject subject{card};
    subject.net->eval();
    for (const int64_t rows : {1, 7}) {
      const at::Tensor output = subject.net->forward(subject.inputs(rows));
      CHECK(output.sizes() == at::IntArrayRef({rows, static_cast<int64_t>(subject.data.labels.size())}));
      CHECK(output.is_contiguous());
      CHECK(output.scalar_type() == torch::kFloat);
    }
  }
}

TEST_CASE("Every model: the loss falls on one batch", "[models]") {
  for (const cards::Card& card : cards::cards()) {
    INFO(card.name);
    Subject subject{card};
    model::OptimizerSpec spec = subject.model->phases().front().optimizer;
    train::Optimizer optimizer(spec, subject.net->parameters());
    subject.net->train();
    double first = 0;
    double last = 0;
    // As many steps as it takes: a tutorial's learning rate may be meant for thousands.
    for (uint64_t step = 1; step == 1 || (step <= 1000 && last >= 0.8 * first); ++step) {
      last = train::step(subject.context(), optimizer, torch::arange(32), {.seed = 1, .epoch = 1, .step = step}).loss;
      if (step == 1) first = last;
    }
    CHECK(last < 0.8 * first);
  }
}

TEST_CASE("Every model: model.pt equals the network at another batch size", "[models]") {
  for (const cards::Card& card : cards::cards()) {
    INFO(card.name);
    Subject subject{card};
    const test::TemporaryDirectory directory;
    const std::string path = (directory.path() / "model.pt").string();
    script::to_script(*subject.net, subject.inputs(2)).save(path);
    torch::jit::Module loaded = torch::jit::load(path);
    loaded.eval();
    subject.net->eval();
    for (const int64_t rows : {1, 2, 13}) {
      const at::Tensor eager = subject.net->forward(subject.inputs(rows));
      CHECK(torch::allclose(loaded.forward({subject.inputs(rows)}).toTensor(), eager, 0, 1e-6));
    }
    for (const auto& parameter : subject.net->named_parameters()) {
      bool found = false;
      for (const auto& theirs : loaded.named_parameters()) found = found || theirs.name == parameter.key();
      CHECK(found);
    }
  }
}

TEST_CASE("Every model: an artifact without model.pt answers as the network does", "[models]") {
  for (const cards::Card& card : cards::cards()) {
    INFO(card.name);
    Subject subject{card};
    const test::TemporaryDirectory directory;
    const at::Tensor inputs = subject.inputs(5);
    artifact::save(directory.path(), *subject.net, inputs, test::manifest_of(subject));
    REQUIRE(std::filesystem::remove(directory.path() / "model.pt"));
    serve::Model model(directory.path(), {.net_of = native_net});
    subject.net->eval();
    const torch::NoGradGuard no_grad;
    CHECK(torch::allclose(model.forward(inputs), subject.net->forward(inputs), 0, 1e-6));
    CHECK(model.speed_up() == "The model runs natively, from model.safetensors.");
    CHECK(torch::allclose(model.forward(inputs), subject.net->forward(inputs), 1e-4, 1e-4));
  }
}

TEST_CASE("Every model: weights that do not fit model.json are refused", "[models]") {
  for (const cards::Card& card : cards::cards()) {
    INFO(card.name);
    Subject subject{card};
    const test::TemporaryDirectory directory;
    const std::filesystem::path weights = directory.path() / "model.safetensors";
    tensor::NamedTensors tensors = tensor::state_dict(*subject.net);
    artifact::Manifest manifest = test::manifest_of(subject);
    tensor::write_safetensors(weights, tensors);
    CHECK(native_net(manifest, weights) != nullptr);
    manifest.labels.emplace_back("one more");
    CHECK_THROWS_WITH(native_net(manifest, weights), ContainsSubstring("belongs; take both files from the same job"));
    manifest.labels.clear();
    CHECK_THROWS_WITH(native_net(manifest, weights), ContainsSubstring("0 labels"));
    manifest = test::manifest_of(subject);
    tensors.emplace_back("other", torch::zeros({1}));
    tensor::write_safetensors(weights, tensors);
    CHECK_THROWS_WITH(native_net(manifest, weights), ContainsSubstring("tensors where"));
    tensors.resize(tensors.size() - 2);
    tensor::write_safetensors(weights, tensors);
    CHECK_THROWS_WITH(native_net(manifest, weights), ContainsSubstring("found no tensor"));
    manifest.model = "other";
    CHECK_THROWS_WITH(native_net(manifest, weights), ContainsSubstring("mnist") && ContainsSubstring("'other'"));
  }
}

TEST_CASE("Every model: the same seed gives the same bits, another seed gives others", "[models]") {
  for (const cards::Card& card : cards::cards()) {
    INFO(card.name);
    const auto trained = [&](uint64_t seed) {
      Subject subject{card, seed};
      train::Optimizer optimizer(subject.model->phases().front().optimizer, subject.net->parameters());
      double loss = 0;
      for (uint64_t step = 1; step <= 5; ++step) {
        loss =
            train::step(subject.context(), optimizer, torch::arange(16), {.seed = seed, .epoch = 1, .step = step}).loss;
      }
      return loss;
    };
    CHECK(trained(1) == trained(1));
    CHECK(trained(1) != trained(2));
  }
}

TEST_CASE("Every model: resumed in mid-epoch it ends with the bits of an uninterrupted run", "[models]") {
  for (const cards::Card& card : cards::cards()) {
    INFO(card.name);
    const test::TemporaryDirectory directory;
    const int fd = ::memfd_create("output", 0);
    Output output(fd);
    const settings::RawSetting batch_size{"batch-size", "16", "command line"};
    // Trains to the end, from the newest checkpoint if there is one; returns the weights and the journal.
    const auto train_on = [&] {
      Subject subject{.card = card, .raw = {batch_size}};
      train::Journal journal(directory.path() / "metrics.jsonl");
      train::Loop loop(*subject.model, *subject.net, subject.data, {.keep_best = true}, output, journal);
      const train::Identity identity = train::identity_of(card.name, subject.settings, *subject.net, "tiny");
      train::CheckpointStore store(directory.path(), identity, output);
      loop.keep_checkpoints({.store = store, .identity = identity, .job = "", .machine = "", .every_steps = 7});
      if (auto found = store.newest()) loop.resume(std::move(*found));
      REQUIRE(loop.run({}));
      const std::regex speed("\"samples_per_second\": [^}]*");
      return std::pair{train::Weights::of(*subject.net), std::regex_replace(journal.lines(), speed, "")};
    };
    const auto [uninterrupted, journal] = train_on();
    // Without the last checkpoint the one before it is the newest: somewhere in an epoch.
    std::filesystem::path newest;
    for (const auto& entry : std::filesystem::directory_iterator(directory.path())) {
      if (entry.path().extension() != ".checkpoint") continue;
      if (newest.empty() || entry.last_write_time() > last_write_time(newest)) newest = entry.path();
    }
    REQUIRE(std::filesystem::remove(newest));
    const auto [resumed, its_journal] = train_on();
    CHECK_THAT(read_file("/proc/self/fd/" + std::to_string(fd), 1 << 24),
               !ContainsSubstring("is skipped: training starts anew"));
    ::close(fd);
    for (size_t i = 0; i < resumed.tensors().size(); ++i) {
      CHECK(torch::equal(resumed.tensors()[i].second, uninterrupted.tensors()[i].second));
    }
    CHECK(its_journal == journal);
  }
}

// On the first GPU if this build and machine have one, otherwise on the CPU.
TEST_CASE("Every model: trained on any device, it ends up the same and is exported from the CPU", "[models][cuda]") {
  const c10::Device device = torch::cuda::is_available() ? c10::kCUDA : c10::kCPU;
  if (device.is_cpu()) WARN("there is no GPU: tried on the processor alone");
  for (const cards::Card& card : cards::cards()) {
    INFO(card.name);
    const test::TemporaryDirectory directory;
    const int fd = ::memfd_create("output", 0);
    Output output(fd);
    const auto trained_on = [&](c10::Device where, Subject& subject) {
      subject.net->to(where);
      train::Journal journal(directory.path() / "metrics.jsonl");
      train::Loop loop(*subject.model, *subject.net, subject.data, {.keep_best = true}, output, journal);
      REQUIRE(loop.run({}));
      CHECK(tensor::device_of(*subject.net).type() == where.type());
      const train::Weights weights = train::Weights::of(*subject.net);
      CHECK(weights.tensors().front().second.is_cpu());
      return loop.final_facts();
    };
    Subject here{card}, there{card};
    const model::EpochFacts expected = trained_on(c10::kCPU, here), found = trained_on(device, there);
    CHECK(found.train_loss == Approx(expected.train_loss).epsilon(0.05));
    CHECK(found.validation.loss() == Approx(expected.validation.loss()).epsilon(0.05));
    ::close(fd);

    there.net->to(c10::kCPU);
    const std::string path = (directory.path() / "model.pt").string();
    script::to_script(*there.net, there.inputs(2)).save(path);
    torch::jit::Module loaded = torch::jit::load(path, device);
    loaded.eval();
    there.net->eval();
    const torch::NoGradGuard no_grad;
    const at::Tensor answers = loaded.forward({there.inputs(5).to(device)}).toTensor().cpu();
    CHECK(torch::allclose(answers, there.net->forward(there.inputs(5)), 1e-3, 1e-3));
  }
}

TEST_CASE("Every model: no LibTorch module that draws from the global generator", "[models]") {
  for (const cards::Card& card : cards::cards()) {
    INFO(card.name);
    Subject subject{card};
    for (const auto& module : subject.net->modules()) {
      CHECK(dynamic_cast<torch::nn::DropoutImpl*>(module.get()) == nullptr);
      CHECK(dynamic_cast<torch::nn::Dropout2dImpl*>(module.get()) == nullptr);
      CHECK(dynamic_cast<torch::nn::AlphaDropoutImpl*>(module.get()) == nullptr);
    }
  }
}

TEST_CASE("Every model: evaluation does not depend on how the rows are batched", "[models]") {
  for (const cards::Card& card : cards::cards()) {
    INFO(card.name);
    Subject subject{card};
    const model::Evaluation result = train::evaluate(subject.context(), subject.data.validation);
    CHECK(result.rows == subject.data.validation.size());
    subject.net->eval();
    const data::Batch all = subject.model->batch(subject.data, subject.data.validation, torch::arange(result.rows));
    const at::Tensor output = subject.net->forward(all.inputs);
    CHECK(result.correct == (output.argmax(1) == all.targets).sum().item<int64_t>());
    CHECK(result.loss() == Approx(subject.model->loss(output, all.targets).item<double>()).epsilon(1e-4));
  }
}
