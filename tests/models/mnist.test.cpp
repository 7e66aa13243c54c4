#include <torch/torch.h>

#include "base/error.hpp"
#include "cards/card.hpp"
#include "codec/array/idx.hpp"
#include "model/model.hpp"
#include "models/mnist/card/found.hpp"
#include "models/mnist/net.hpp"
#include "tests/catch.hpp"
#include "tests/models/opened.hpp"
#include "tests/temporary.hpp"

using namespace smlt;
using test::channel;
namespace fs = std::filesystem;

namespace {

// A pair of IDX files with `n` images of `side` pixels and labels 0, 1, ..., wrapping at `classes`.
void write_pair(const fs::path& folder, const std::string& name, int64_t n, int64_t side = 28, int64_t classes = 10) {
  fs::create_directories(folder);
  codec::ByteArray images{{n, side, side}, std::vector<uint8_t>(static_cast<size_t>(n * side * side), 3)};
  codec::ByteArray labels{{n}, {}};
  for (int64_t i = 0; i < n; ++i) labels.data.push_back(static_cast<uint8_t>(i % classes));
  codec::write_idx(folder / (name + "-images-idx3-ubyte"), images);
  codec::write_idx(folder / (name + "-labels-idx1-ubyte"), labels);
}

data::DataSet open(const std::vector<platform::Channel>& channels) { return test::opened("mnist", channels); }

}  // namespace

TEST_CASE("The MNIST network has the tutorial's 21,840 parameters under its names", "[models]") {
  models::mnist::Net net(28, 28, 10);
  CHECK(test::size_of(net) == 21840);
  CHECK(net.named_parameters().keys() == std::vector<std::string>{"conv1.weight", "conv1.bias", "conv2.weight",
                                                                  "conv2.bias", "fc1.weight", "fc1.bias", "fc2.weight",
                                                                  "fc2.bias"});
}

TEST_CASE("MNIST is found in the channel, in raw/ and in NAME/raw/, split by file names or by channels", "[models]") {
  const test::TemporaryDirectory directory;
  const std::string place = GENERATE("", "raw", "MNIST/raw");
  write_pair(directory.path() / "training" / place, "train", 30);
  write_pair(directory.path() / "training" / place, "t10k", 20);
  const data::DataSet data = open({channel("training", directory.path() / "training")});
  CHECK(data.train.size() == 30);
  CHECK(data.validation.size() == 20);
  CHECK(data.labels.size() == 10);
  CHECK(data.train.inputs.sizes() == at::IntArrayRef({30, 1, 28, 28}));
}

TEST_CASE(
    "A test channel is used whatever its files are called, and takes precedence over the training channel's test files",
    "[models]") {
  const test::TemporaryDirectory directory;
  write_pair(directory.path() / "train", "train", 30);
  write_pair(directory.path() / "train", "t10k", 20);
  write_pair(directory.path() / "test", "train", 11);
  const data::DataSet data =
      open({channel("train", directory.path() / "train"), channel("test", directory.path() / "test")});
  CHECK(data.train.size() == 30);
  CHECK(data.validation.size() == 11);
}

TEST_CASE("Other image sizes and class counts train too", "[models]") {
  const test::TemporaryDirectory directory;
  write_pair(directory.path(), "train", 60, 32, 26);
  const data::DataSet data = open({channel("training", directory.path())});
  CHECK(data.labels.size() == 26);
  CHECK(data.validation.size() == 0);
  models::mnist::Net net(32, 32, 26);
  net.eval();
  CHECK(net.forward(torch::zeros({2, 1, 32, 32})).sizes() == at::IntArrayRef({2, 26}));
}

TEST_CASE("Data that does not fit together is refused with one sentence", "[models]") {
  const test::TemporaryDirectory directory;
  const fs::path folder = directory.path();
  const std::vector<platform::Channel> channels = {channel("training", folder)};
  SECTION("images without labels") {
    write_pair(folder, "train", 4);
    fs::remove(folder / "train-labels-idx1-ubyte");
    CHECK_THROWS_WITH(open(channels), ContainsSubstring("Expected labels beside the images"));
  }
  SECTION("labels without images") {
    write_pair(folder, "train", 4);
    fs::remove(folder / "train-images-idx3-ubyte");
    CHECK_THROWS_WITH(open(channels), ContainsSubstring("Expected images beside the labels"));
  }
  SECTION("another number of labels") {
    write_pair(folder, "train", 4);
    write_pair(folder / "other", "train", 3);
    fs::rename(folder / "other/train-labels-idx1-ubyte", folder / "train-labels-idx1-ubyte");
    CHECK_THROWS_WITH(open(channels), ContainsSubstring("found 4 images") && ContainsSubstring("3 labels"));
  }
  SECTION("test labels outside the classes") {
    write_pair(folder, "train", 20, 28, 5);
    write_pair(folder, "t10k", 20, 28, 7);
    CHECK_THROWS_WITH(open(channels),
                      ContainsSubstring("labels from 0 to 4") && ContainsSubstring("found 6 at index 6"));
  }
  SECTION("test images of another size") {
    write_pair(folder, "train", 4, 28);
    write_pair(folder, "t10k", 4, 20);
    CHECK_THROWS_WITH(open(channels), ContainsSubstring("28x28") && ContainsSubstring("20x20"));
  }
  SECTION("images too small for the network") {
    write_pair(folder, "train", 4, 15);
    CHECK_THROWS_WITH(open(channels), ContainsSubstring("at least 16x16"));
  }
  SECTION("two data sets") {
    write_pair(folder / "MNIST/raw", "train", 4);
    write_pair(folder / "FashionMNIST/raw", "train", 5);
    CHECK_THROWS_WITH(open(channels),
                      ContainsSubstring("'MNIST/raw/train-images-idx3-ubyte'") && ContainsSubstring("Fashion"));
  }
  SECTION("no images at all") {
    write_pair(folder, "train", 0);
    CHECK_THROWS_WITH(open(channels), ContainsSubstring("found none"));
  }
  SECTION("test files alone") {
    write_pair(folder, "t10k", 4);
    CHECK_THROWS_WITH(open(channels), ContainsSubstring("add the training files"));
  }
}

TEST_CASE("The same set in two places counts once", "[models]") {
  const test::TemporaryDirectory directory;
  write_pair(directory.path(), "train", 12);
  write_pair(directory.path() / "MNIST/raw", "train", 12);
  CHECK(open({channel("training", directory.path())}).train.size() == 12);
}
