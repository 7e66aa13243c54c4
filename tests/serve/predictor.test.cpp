#include "serve/predictor.hpp"

#include <torch/torch.h>

#include <numeric>

#include "artifact/save.hpp"
#include "base/error.hpp"
#include "models/mnist/net.hpp"
#include "tests/catch.hpp"
#include "tests/temporary.hpp"

using namespace smlt;

namespace {

artifact::Manifest manifest(size_t classes) {
  artifact::Manifest manifest{.model = "mnist",
                              .recipe = "tutorial",
                              .input_shape = {std::nullopt, 1, 28, 28},
                              .output = "log_probabilities",
                              .labels = {},
                              .image = {},
                              .hyperparameters = {},
                              .metrics = {}};
  for (size_t i = 0; i < classes; ++i) manifest.labels.push_back("class " + std::to_string(i));
  manifest.image = {.mode = "L", .resize = 28, .crop_height = 28, .crop_width = 28, .mean = {0.1307}, .std = {0.3081}};
  return manifest;
}

const codec::Image kImage = {28, 28, 1, std::vector<uint8_t>(28 * 28, 100)};

}  // namespace

TEST_CASE("A predictor answers as the network does", "[serve]") {
  const test::TemporaryDirectory directory;
  torch::manual_seed(3);
  models::mnist::Net net(28, 28, 10);
  const at::Tensor input = image::normalized(torch::full({1, 1, 28, 28}, 100, torch::kByte), *manifest(10).image);
  artifact::save(directory.path(), net, input, manifest(10));
  const serve::Prediction prediction = serve::Predictor(directory.path()).predict(kImage);
  net.eval();
  const at::Tensor expected = net.forward(input).exp()[0];
  REQUIRE(prediction.probabilities.size() == 10);
  CHECK(std::accumulate(prediction.probabilities.begin(), prediction.probabilities.end(), 0.0) == Approx(1));
  CHECK(prediction.score == Approx(expected.max().item<double>()).epsilon(1e-5));
  CHECK(prediction.label == "class " + std::to_string(expected.argmax().item<int64_t>()));
}

TEST_CASE("A folder without a model, with a damaged one, or with files of two models is refused", "[serve]") {
  const test::TemporaryDirectory directory;
  CHECK_THROWS_WITH(serve::Predictor(directory.path()), ContainsSubstring("no model.json"));
  models::mnist::Net net(28, 28, 10);
  artifact::save(directory.path(), net, torch::zeros({1, 1, 28, 28}), manifest(9));
  CHECK_THROWS_WITH(serve::Predictor(directory.path()).predict(kImage), ContainsSubstring("different models"));
  directory.write("model.pt", "not a model");
  CHECK_THROWS_AS(serve::Predictor(directory.path()), UserError);
}
