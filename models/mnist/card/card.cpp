// MNIST and every other data set in its format: images and labels as pairs of IDX files.
#include "cards/registry.hpp"
#include "codec/array/idx.hpp"
#include "datasets/idx_folder.hpp"
#include "models/mnist/card/files.hpp"

namespace smlt::models {
namespace {

std::vector<std::string> find_mnist(const std::filesystem::path& channel) {
  std::vector<std::string> found;
  const datasets::IdxFolder idx = datasets::find_idx(channel);
  for (const datasets::IdxPair& pair : idx.pairs) found.push_back(pair.images.lexically_relative(channel).string());
  for (const auto& file : idx.images_without_labels) found.push_back(file.lexically_relative(channel).string());
  for (const auto& file : idx.damaged) found.push_back(file.lexically_relative(channel).string());
  for (const auto& file : idx.labels_without_images) found.push_back(file.lexically_relative(channel).string());
  return found;
}

void read_mnist_ahead(const settings::Settings&, std::span<const platform::Channel> channels,
                      datasets::ReadAhead& files) {
  for (const std::filesystem::path& path : mnist::paths_of(mnist::choose_files(channels))) {
    files.start(path, [path] { return codec::read_idx(path); });
  }
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
      .finds = find_mnist,
      .read_ahead = read_mnist_ahead,
  };
}

}  // namespace smlt::models
