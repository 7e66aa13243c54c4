// MNIST and every other data set in its format: images and labels as pairs of IDX files.
#include "cards/registry.hpp"
#include "models/mnist/card/found.hpp"

namespace smlt::models {
namespace {

std::unique_ptr<cards::Found> find_mnist(std::span<const platform::Channel> channels,
                                         const std::shared_ptr<datasets::Looks>& looks) {
  return std::make_unique<mnist::Found>(channels, *looks);
}

std::vector<std::string> sample_lines(const settings::Settings&) {
  return {"Train Epoch: 1 [12800/60000 (21%)] Loss: 0.123456",
          "Test set: Average loss: 0.1234, Accuracy: 9881/10000 (99%)"};
}

}  // namespace

cards::Card mnist_card() {
  using namespace settings;
  return {
      .name = "mnist",
      .aliases = {},
      .summary =
          "Two convolutions and two fully connected layers on small grey images: MNIST, Fashion-MNIST and the like.",
      .reads =
          "IDX files *-images-idx3-ubyte and *-labels-idx1-ubyte, plain or .gz, in the channel, in raw/ or in "
          "NAME/raw/",
      .channels =
          {{"training", "The training images, and the test images beside them (also called 'train').", true, {}},
           {"test",
            "The images to evaluate on, if the training channel has none (also called 'validation').",
            false,
            {}}},
      .knobs =
          {
              integer("batch-size", 64).at_least(1).at_most(1 << 20).tunable().help("Images per step."),
              integer("test-batch-size", 1000)
                  .at_least(1)
                  .at_most(1 << 20)
                  .no_effect_on_result()
                  .help("Images per evaluation step."),
              integer("epochs", 10)
                  .at_least(1)
                  .at_most(1'000'000)
                  .tunable()
                  .may_grow()
                  .help("Passes over the training images."),
              real("lr", 0.01).above(0).at_most(100).tunable().help("Learning rate of SGD."),
              real("momentum", 0.5).at_least(0).below(1).tunable().help("Momentum of SGD."),
              integer("log-interval", 100)
                  .at_least(1)
                  .no_effect_on_result()
                  .help("Steps between two 'Train Epoch' lines."),
          },
      .metrics = {{"average test loss", "Test set: Average loss: ([0-9\\.]+)", cards::Metric::Goal::kMinimize}},
      .sample_lines = sample_lines,
      .find = find_mnist,
  };
}

}  // namespace smlt::models
