#include <torch/torch.h>

#include "base/error.hpp"
#include "models/cifar10/card/found.hpp"
#include "models/cifar10/net.hpp"
#include "tensor/random.hpp"
#include "tests/catch.hpp"
#include "tests/codec/archive/made_gzip.hpp"
#include "tests/datasets/made_cifar.hpp"
#include "tests/models/opened.hpp"
#include "tests/temporary.hpp"

using namespace smlt;
using models::cifar10::Head;
using test::channel;
using test::MadeCifar;
namespace fs = std::filesystem;

namespace {

std::unique_ptr<model::Model> make(const std::vector<settings::RawSetting>& raw = {}) {
  return test::made_model("cifar10", raw);
}

data::DataSet open(const std::vector<platform::Channel>& channels) { return test::opened("cifar10", channels); }

settings::RawSetting say(std::string name, std::string value) { return {std::move(name), std::move(value), "test"}; }

}  // namespace

TEST_CASE("The CIFAR-10 network has the tutorials' 62,006 parameters under their names, with both heads", "[models]") {
  for (const Head head : {Head::kLogits, Head::kDropout}) {
    models::cifar10::Net net(10, head);
    CHECK(test::size_of(net) == 62006);
    CHECK(net.named_parameters().keys() ==
          std::vector<std::string>{"conv1.weight", "conv1.bias", "conv2.weight", "conv2.bias", "fc1.weight", "fc1.bias",
                                   "fc2.weight", "fc2.bias", "fc3.weight", "fc3.bias"});
  }
}

TEST_CASE("The dropout head drops half of the logits in training and returns log-probabilities", "[models]") {
  torch::manual_seed(1);
  models::cifar10::Net net(10, Head::kDropout), plain(10, Head::kLogits);
  for (auto& parameter : plain.named_parameters()) {
    torch::NoGradGuard no_grad;
    parameter.value().copy_(net.named_parameters()[parameter.key()]);
  }
  const at::Tensor images = torch::rand({200, 3, 32, 32});
  const at::Tensor logits = plain.forward(images);
  net.eval();
  CHECK(torch::allclose(net.forward(images), torch::log_softmax(logits, 1)));
  net.train();
  const tensor::RandomScope scope({.seed = 1, .epoch = 1, .step = 1});
  const at::Tensor output = net.forward(images);
  CHECK(torch::allclose(output.exp().sum(1), torch::ones({200})));
  // Dropped logits are equal. Half of 2000 are, with a standard deviation of 22.
  const at::Tensor sorted = std::get<0>(output.sort(1));
  const auto equal = (sorted.slice(1, 1) == sorted.slice(1, 0, -1)).sum().item<int64_t>();
  CHECK(equal > 700);
  CHECK(equal < 900);  // all but one of the dropped values of a row equal their neighbour
}

TEST_CASE("The hyperparameter workers is the number of threads that read the batches of a folder", "[models]") {
  const test::TemporaryDirectory directory;
  for (const char* name : {"1", "2", "3", "4"}) {
    directory.write(std::string("data_batch_") + name, MadeCifar{.rows = 5}.pickle());
  }
  const auto threads = [&](const std::vector<settings::RawSetting>& raw) {
    const auto found = test::found_by("cifar10", {channel("training", directory.path())}, raw);
    return dynamic_cast<models::cifar10::Found&>(*found).chosen().training.data.value().threads;
  };
  CHECK(threads({}) == 2);
  CHECK(threads({say("workers", "0")}) == 1);
  CHECK(threads({say("workers", "3")}) == 3);
  CHECK(threads({say("workers", "99")}) == 4);  // one per file
}

TEST_CASE("CIFAR is opened from a folder, an archive, or both at once, with the test batch beside it", "[models]") {
  const test::TemporaryDirectory directory;
  const bool has_folder = GENERATE(true, false), has_archive = GENERATE(true, false);
  if (!has_folder && !has_archive) return;
  const std::vector<std::pair<std::string, std::string>> files = {
      {"cifar-10-batches-py/data_batch_1", MadeCifar{.rows = 30}.pickle()},
      {"cifar-10-batches-py/test_batch", MadeCifar{.rows = 20, .first = 30}.pickle()}};
  for (const auto& [name, content] : files) {
    if (has_folder) directory.write(name, content);
  }
  if (has_archive) directory.write("cifar-10-python.tar.gz", test::made_gzip(test::made_tar(files)));
  const data::DataSet data = open({channel("training", directory.path())});
  CHECK(data.train.inputs.sizes() == at::IntArrayRef({30, 3, 32, 32}));
  CHECK(data.train.inputs[7].eq(7).all().item<bool>());
  CHECK(data.train.targets[17].item<int64_t>() == 7);
  CHECK(data.validation.size() == 20);
  CHECK(data.labels[1] == "automobile");
  CHECK(data.image.mean == std::vector<double>{0.5, 0.5, 0.5});
  CHECK(data.fingerprint.ends_with("30 rows to train on, 20 to evaluate on"));
}

TEST_CASE("A test channel is used before the test batch, and its training batches if it has no others", "[models]") {
  const test::TemporaryDirectory directory;
  directory.write("train/data_batch_1.bin", MadeCifar{.rows = 30}.binary());
  directory.write("train/test_batch.bin", MadeCifar{.rows = 20}.binary());
  directory.write("test/data_batch_1", MadeCifar{.rows = 11}.pickle());
  const data::DataSet data =
      open({channel("train", directory.path() / "train"), channel("test", directory.path() / "test")});
  CHECK(data.train.size() == 30);
  CHECK(data.validation.size() == 11);
}

TEST_CASE("CIFAR-100 trains on its fine labels", "[models]") {
  const test::TemporaryDirectory directory;
  directory.write("cifar-100-python/train", MadeCifar{.rows = 130, .classes = 100}.pickle());
  const data::DataSet data = open({channel("training", directory.path())});
  CHECK(data.train.targets.max().item<int64_t>() == 99);
  CHECK(data.labels.size() == 100);
  CHECK(make()->make_net(data)->forward(torch::zeros({2, 3, 32, 32})).sizes() == at::IntArrayRef({2, 100}));
}

TEST_CASE("CIFAR data that does not fit together is refused with one sentence", "[models]") {
  const test::TemporaryDirectory directory;
  const fs::path folder = directory.path();
  const std::vector<platform::Channel> both = {channel("training", folder / "a"), channel("test", folder / "b")};
  directory.write("a/data_batch_1", MadeCifar{.rows = 4}.pickle());
  SECTION("two sets in one channel") {
    directory.write("a/other/data_batch_1", MadeCifar{.rows = 4, .first = 1}.pickle());
    CHECK_THROWS_WITH(open({both[0]}),
                      ContainsSubstring("Expected one data set in channel 'training', found CIFAR-10"));
  }
  SECTION("CIFAR-10 and CIFAR-100 in one channel") {
    directory.write("a/cifar-100-binary/train.bin", MadeCifar{.rows = 4, .classes = 100}.binary());
    CHECK_THROWS_WITH(open({both[0]}), ContainsSubstring("another CIFAR-100"));
  }
  SECTION("other classes to evaluate on") {
    directory.write("b/cifar-100-binary/test.bin", MadeCifar{.rows = 4, .classes = 100}.binary());
    CHECK_THROWS_WITH(open(both), ContainsSubstring("Expected CIFAR-10 in channel 'test' as in channel 'training'"));
  }
  SECTION("nothing to evaluate on") {
    CHECK_THROWS_WITH(open(both), ContainsSubstring("Expected CIFAR batches to evaluate on in channel 'test'"));
  }
  SECTION("only a test batch") {
    directory.write("c/test_batch", MadeCifar{.rows = 4}.pickle());
    CHECK_THROWS_WITH(open({channel("training", folder / "c")}), ContainsSubstring("found only the test batch"));
  }
  SECTION("no channel to train on") {
    CHECK_THROWS_WITH(open({channel("data", folder / "a")}),
                      ContainsSubstring("Expected CIFAR batches in a channel called 'training' or 'train'"));
  }
}

TEST_CASE("The lines of both tutorials, to the letter", "[models]") {
  const model::BatchFacts batch = {
      .epoch = 2, .batch = 2000, .batches = 12500, .rows = 4, .rows_total = 50000, .loss = 1.5, .recent_loss = 1.2345};
  const model::EpochFacts epoch = {.epoch = 1, .validation = {.rows = 10000, .correct = 2611, .loss_sum = 21678}};
  const model::JobFacts job = {.train_rows = 50000, .train_rows_total = 50000, .validation_rows = 10000};
  using Lines = std::vector<std::string>;

  const auto plain = make();
  CHECK(plain->rhythm().steps == 2000);
  CHECK(plain->batch_line(batch) == "[2,  2000] loss: 1.234");
  CHECK(plain->epoch_lines(epoch).empty());
  CHECK(plain->opening_lines(job).empty());
  CHECK(plain->saving_lines() == Lines{"Finished Training", "Saving the model."});
  CHECK(plain->output_kind() == "logits");

  const auto dropout = make({say("net", "cnn-dropout")});
  CHECK(dropout->opening_lines(job) == Lines{"Distributed training - False", "Device Type: cpu",
                                             "Loading Cifar10 dataset", "Model loaded from get_model_network()"});
  CHECK(dropout->output_kind() == "log_probabilities");

  const auto horovod = make({say("log-interval", "10"), say("backend", "gloo"), say("batch-size", "64")});
  CHECK(horovod->rhythm().steps == 10);
  CHECK(horovod->phases()[0].batch_size == 64);
  CHECK(horovod->batch_line(batch) == "Train Epoch: 2 [8000/50000 (16%)] Loss: 1.500000");
  CHECK(horovod->epoch_lines(epoch) == Lines{"Test set: Average loss: 2.1678, Accuracy: 26.11%\n"});
  CHECK(horovod->saving_lines() == Lines{"Training is finished", "Saving the model."});
}
