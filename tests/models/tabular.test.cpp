#include <torch/torch.h>

#include "base/error.hpp"
#include "models/tabular/net.hpp"
#include "tests/catch.hpp"
#include "tests/codec/archive/made_gzip.hpp"
#include "tests/models/opened.hpp"
#include "tests/temporary.hpp"

using namespace smlt;
using test::channel;

namespace {

data::DataSet open(const std::vector<platform::Channel>& channels) { return test::opened("tabular", channels); }

// X_`part`.csv and y_`part`.csv of `rows` rows with three features and the classes 0, 1, 2, 0, ...
void write_pair(const test::TemporaryDirectory& folder, const std::string& part, int rows) {
  std::string x = "0,1,2\n";
  std::string y = "0\n";
  for (int i = 0; i < rows; ++i) {
    x += std::to_string(i) + ",0.5,-1e-3\n";
    y += std::to_string(i % 3) + "\n";
  }
  folder.write("X_" + part + ".csv", x);
  folder.write("y_" + part + ".csv", y);
}

constexpr const char* kTable = "0,1.5,2\n1,2.5,3\n2.0,3.5,4\n1,4.5,5\n";

}  // namespace

TEST_CASE("The tabular network has the tutorial's 193 parameters, with its seed bit for bit", "[models]") {
  torch::manual_seed(1337);
  models::tabular::Net net(15, 3);
  std::vector<float> ends;  // the first and last number of each parameter
  for (const at::Tensor& parameter : net.parameters()) {
    const at::Tensor flat = parameter.flatten();
    ends.push_back(flat[0].item<float>());
    ends.push_back(flat[-1].item<float>());
  }
  CHECK(test::size_of(net) == 193);
  CHECK(net.named_parameters().keys() == std::vector<std::string>{"fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias"});
  // Of the original's Net() in PyTorch 2.13.
  CHECK(ends == std::vector<float>{-0x1.53cb4ap-3F, -0x1.9cc37ep-3F, 0x1.1c08bap-3F, 0x1.b40edap-3F, -0x1.b931b2p-3F,
                                   0x1.5ff00ap-2F, 0x1.41b4b2p-5F, 0x1.183ae4p-2F});
  const at::Tensor scores = net.forward(torch::randn({100, 15}));
  CHECK(scores.min().item<float>() >= 0.5F);
  CHECK(scores.max().item<float>() < 1);
}

TEST_CASE("The tutorial's four files are opened, plain or gzip", "[models]") {
  const test::TemporaryDirectory folder;
  write_pair(folder, "train", 9);
  write_pair(folder, "validation", 5);
  folder.write("notes.csv", kTable);  // skipped beside X_train.csv
  const data::DataSet data = open({channel("training", folder.path())});
  CHECK(data.train.inputs.sizes() == at::IntArrayRef({9, 3}));
  CHECK(data.train.inputs[8].equal(torch::tensor({8.0F, 0.5F, -1e-3F})));
  CHECK(data.train.targets.equal(torch::tensor({0, 1, 2, 0, 1, 2, 0, 1, 2}, torch::kLong)));
  CHECK(data.validation.size() == 5);
  CHECK(data.labels == std::vector<std::string>{"0", "1", "2"});
  CHECK(data.fingerprint.find("X_train.csv") != std::string::npos);

  std::filesystem::remove(folder.path() / "X_validation.csv");
  folder.write("X_validation.csv.gz", test::made_gzip("a,b,c\n1,2,3\n1,2,3\n1,2,3\n1,2,3\n1,2,3\n"));
  CHECK(open({channel("train", folder.path())}).validation.size() == 5);
}

TEST_CASE("Rows to evaluate on come from validation, then from beside the training rows, then from test", "[models]") {
  const test::TemporaryDirectory training, other;
  write_pair(training, "train", 9);
  const auto with = [&](const char* name) {
    return open({channel("training", training.path()), channel(name, other.path())}).validation.size();
  };
  CHECK(open({channel("training", training.path())}).validation.size() == 0);
  write_pair(training, "test", 3);
  CHECK(open({channel("training", training.path())}).validation.size() == 3);
  write_pair(other, "test", 4);
  CHECK(with("test") == 4);
  CHECK(with("validation") == 4);
  write_pair(training, "validation", 5);
  CHECK(with("test") == 5);
  const test::TemporaryDirectory empty;  // not looked at
  CHECK(open({channel("test", empty.path()), channel("training", training.path())}).validation.size() == 5);
  CHECK(with("validation") == 4);
}

TEST_CASE("Tables with the label first are opened one after the other, each once", "[models]") {
  const test::TemporaryDirectory training, validation;
  training.write("part-0.csv", kTable);
  training.write("part-0.csv.gz", test::made_gzip(kTable));
  training.write("part-1", test::made_gzip("0,9.5,6\r\n"));
  training.write(".hidden.csv", kTable);
  training.write("README.txt", "a table\n");
  validation.write("data.csv", "2,1,1\n");
  const data::DataSet data = open({channel("train", training.path()), channel("validation", validation.path())});
  CHECK(data.train.targets.equal(torch::tensor({0, 1, 2, 1, 0}, torch::kLong)));
  CHECK(data.train.inputs.equal(torch::tensor({{1.5F, 2.0F}, {2.5F, 3.0F}, {3.5F, 4.0F}, {4.5F, 5.0F}, {9.5F, 6.0F}})));
  CHECK(data.validation.size() == 1);
  CHECK(data.labels.size() == 3);
}

TEST_CASE("Class names become sorted labels, in tables and beside features, the same for evaluation", "[models]") {
  const test::TemporaryDirectory training, validation;
  SECTION("tables") {
    training.write("part-0.csv", "virginica,1,2\n\"a, b\",3,4\nvirginica,5,6\n");
    training.write("part-1.csv.gz", test::made_gzip("setosa,7,8\nsetosa,True,false\n"));
    validation.write("v.csv", "setosa,1,1\na,1,1\n\"a, b\",1,1\n");
    const std::vector<platform::Channel> channels = {channel("train", training.path()),
                                                     channel("validation", validation.path())};
    CHECK_THROWS_WITH(open(channels), ContainsSubstring("row 2, column 1") && ContainsSubstring("found 'a'") &&
                                          ContainsSubstring("'a, b', 'setosa' or 'virginica'"));
    validation.write("v.csv", "setosa,1,1\n\"a, b\",1,1\n");
    const data::DataSet data = open(channels);
    CHECK(data.labels == std::vector<std::string>{"a, b", "setosa", "virginica"});
    CHECK(data.train.targets.equal(torch::tensor({2, 0, 2, 1, 1}, torch::kLong)));
    CHECK(data.train.inputs[4].equal(torch::tensor({1.0F, 0.0F})));
    CHECK(data.validation.targets.equal(torch::tensor({1, 0}, torch::kLong)));
  }
  SECTION("files with a header") {
    training.write("X_train.csv", "a\n1\n2\n3\n");
    training.write("y_train.csv", "species\nB\nA\nB\n");
    training.write("X_test.csv", "a\n1\n");
    training.write("y_test.csv", "species\nA\n");
    const data::DataSet data = open({channel("training", training.path())});
    CHECK(data.labels == std::vector<std::string>{"A", "B"});
    CHECK(data.train.targets.equal(torch::tensor({1, 0, 1}, torch::kLong)));
    CHECK(data.validation.targets.equal(torch::tensor({0}, torch::kLong)));
    training.write("y_test.csv", "species\nC\n");
    CHECK_THROWS_WITH(open({channel("training", training.path())}),
                      ContainsSubstring("y_test.csv") && ContainsSubstring("row 2") && ContainsSubstring("found 'C'"));
  }
  SECTION("names that say little are left to the warnings that all models share") {
    training.write("a.csv", "a,1\nb,2\nc,3\n");
    CHECK(open({channel("train", training.path())}).labels == std::vector<std::string>{"a", "b", "c"});
    training.write("a.csv", "a,1\na,2\na,3\n");
    CHECK(open({channel("train", training.path())}).labels == std::vector<std::string>{"a"});
  }
  SECTION("names equal to Unicode are one class") {
    training.write("a.csv", "Gr\u00FCn,1\nblau,2\nGru\u0308n,3\n");
    const data::DataSet data = open({channel("train", training.path())});
    CHECK(data.labels == std::vector<std::string>{"Gr\u00FCn", "blau"});
    CHECK(data.train.targets.equal(torch::tensor({0, 1, 0}, torch::kLong)));
  }
}

TEST_CASE("No part of a table is left out silently", "[models]") {
  const test::TemporaryDirectory training, validation;
  training.write("part-0.csv", kTable);
  std::vector<platform::Channel> channels = {channel("train", training.path())};
  for (const auto& folder : {&training, &validation}) {
    if (folder == &validation) channels.push_back(channel("validation", validation.path()));
    const auto refused = [&](const char* name, std::string_view text, const std::string& phrase) {
      INFO(name << ": " << text);
      const std::filesystem::path file = folder->write(name, text);
      CHECK_THROWS_WITH(open(channels), ContainsSubstring(name) && ContainsSubstring(phrase));
      std::filesystem::remove(file);
    };
    refused("part-1.csv", "0,?,1\n0,?,2\n", "row 1, column 2");
    refused("part-1.csv", "0,1,NA\n", "row 1, column 3");
    refused("part-1.csv", ",,\n,,\n", "row 1, column 1");
    refused("part-1.csv", "red,blue,green\n", "row 1, column 1");
    refused("part-1.csv", "0;1;2\n", "';' (semicolon)");
    refused("part-1", "0|1|2\n", "'|' (vertical bar)");
    refused("part-1.tsv", "0\t1\t2\n", "TAB");
    refused("part-1.csv", std::string_view("0\0,\0001\0,\0001\0\n\0", 14), "UTF-16");
    refused("part-1.csv.bz2", "BZh91AY", "unpack it");
    refused("part-1.csv.zst", "\x28\xB5\x2F\xFD", "unpack it");
  }
  std::filesystem::remove(training.path() / "part-0.csv");
  channels.pop_back();
  for (const char* name : {"A.csv", "a.csv", "a_b.csv", "a-b.csv"}) training.write(name, kTable);
  training.write("a.csv.gz", test::made_gzip(kTable));
  CHECK(open(channels).train.size() == 16);
}

TEST_CASE("The error for a channel without CSV files says what is there instead", "[models]") {
  const test::TemporaryDirectory training;
  const std::vector<platform::Channel> channels = {channel("training", training.path())};
  const auto refused = [&](const std::string& phrase) { CHECK_THROWS_WITH(open(channels), ContainsSubstring(phrase)); };
  refused("Expected CSV files in a channel called 'training' or 'train', found none there");
  training.write("year=2024/part-0.csv", kTable);
  refused("found 'year=2024/part-0.csv' in a folder there; move them up");
  training.write("train.parquet", "PAR1");
  refused("found a table in another format, 'train.parquet'; write it as CSV");
  training.write("X_train.csv", "a\n1\n");
  training.write("y_train.csv.bz2", "BZh91AY");
  refused("found 'y_train.csv.bz2'; unpack it");
  training.write("x_Train.csv", "a\n1\n");
  refused("found both 'X_train.csv' and 'x_Train.csv'");
}

TEST_CASE("Tables that do not fit together are refused with one sentence", "[models]") {
  const test::TemporaryDirectory folder, other;
  write_pair(folder, "train", 9);
  std::vector<platform::Channel> channels = {channel("training", folder.path())};
  const auto refused = [&](const std::string& phrase) { CHECK_THROWS_WITH(open(channels), ContainsSubstring(phrase)); };
  SECTION("features without labels") {
    std::filesystem::remove(folder.path() / "y_train.csv");
    refused("Expected y_train.csv beside X_train.csv in channel 'training', found none");
  }
  SECTION("labels without features") {
    std::filesystem::remove(folder.path() / "X_train.csv");
    refused("Expected X_train.csv beside y_train.csv");
  }
  SECTION("evaluation files alone") {
    for (const char* half : {"X", "y"}) {
      std::filesystem::rename(folder.path() / (half + std::string("_train.csv")),
                              folder.path() / (half + std::string("_test.csv")));
    }
    refused("found only 'X_test.csv'");
  }
  SECTION("labels that do not fit") {
    const std::pair<const char*, const char*> cases[] = {
        {"0\n1\n0\n", "found 9 rows in"},
        {"0\n0\n1\n1.5\n", "Expected a class number (0, 1, 2 ...) in column 1, row 4"},
        {"0\n0\n-1\n", "found -1"},
        {",0\n0,1\n1,2\n", "Expected one column of classes"},                // pandas' index
        {"0\n0\n0\n0\n0\n0\n0\n0\n0\n2019\n", "found 2019 as the largest"},  // more classes than rows
        {"0\n", "Expected rows in"}};
    for (const auto& [labels, phrase] : cases) {
      INFO(labels);
      folder.write("y_train.csv", labels);
      refused(phrase);
    }
  }
  SECTION("evaluation data that does not fit") {
    channels.push_back(channel("validation", other.path()));
    refused("Expected CSV files to evaluate on in channel 'validation', found none");
    write_pair(other, "validation", 4);
    other.write("X_validation.csv", "0,1\n1,2\n1,2\n1,2\n1,2\n");
    refused("Expected 3 features to evaluate on");
    other.write("X_validation.csv", "0,\"2\",1\r\n1,2,3\r\n1,2,3\r\n1,2,3\r\n1,2,3\r\n");
    refused("found '2' as column 2 in place of '1'; reorder them");
    write_pair(other, "validation", 4);
    other.write("y_validation.csv", "0\n0\n0\n0\n3\n");
    refused("Expected labels from 0 to 2 as in the training data, found 3 at index 3");
  }
}

TEST_CASE("The lines of an epoch are the tutorial's, with its average of batch means over rows", "[models]") {
  const auto model = test::made_model("tabular");
  model::EpochFacts facts = {.epoch = 3, .train_loss = 9, .train_batch_loss = 1.0971494};
  CHECK(model->epoch_lines(facts) == std::vector<std::string>{"", "Train epoch: 3, Loss: 1.097149"});
  facts.validation = {.rows = 1600, .correct = 590, .loss_sum = 1750, .batches = 50, .batch_loss_sum = 54.25};
  CHECK(model->epoch_lines(facts) ==
        std::vector<std::string>{"", "Train epoch: 3, Loss: 1.097149", "Validation: accuracy=36.875",
                                 "Validation: loss = 0.03390625",
                                 "Test set: Average loss: 0.0339, Accuracy: 590/1600 (37%)\n"});
  facts.validation.correct = 1600;
  CHECK(model->epoch_lines(facts)[2] == "Validation: accuracy=100.0");
}

TEST_CASE("The tutorial's hyperparameters are read as by its script", "[models]") {
  const auto model = test::made_model("tabular", {{"batch-size", "32.0", "test"},
                                                  {"test_batch_size", "\"32.0\"", "test"},
                                                  {"num-epochs", "10", "test"},
                                                  {"learning-rate", "0.005", "test"}});
  const model::Phase phase = model->phases().at(0);
  CHECK(phase.batch_size == 32);
  CHECK(phase.epochs == 10);
  CHECK(phase.optimizer.lr == 0.005);
  CHECK(phase.optimizer.momentum == 0);
  CHECK(model->evaluation_batch_size() == 32);
  const model::Phase defaults = test::made_model("tabular")->phases().at(0);
  CHECK(defaults.epochs == 20);
  CHECK(defaults.optimizer.lr == 0.001);
  CHECK(defaults.batch_size == 64);
  CHECK(test::made_model("tabular")->evaluation_batch_size() == 1);
}
