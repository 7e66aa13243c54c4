// CIFAR-10 and CIFAR-100 in the forms in which they are published.
#include "cards/registry.hpp"
#include "datasets/cifar_data.hpp"
#include "models/cifar10/card/files.hpp"

namespace smlt::models {
namespace {

std::vector<std::string> find_cifar10(const std::filesystem::path& channel) {
  std::vector<std::string> found;
  for (const datasets::CifarPlace& place : datasets::find_cifar(channel)) {
    found.push_back(place.title() + " in " + place.path.lexically_relative(channel).string());
  }
  return found;
}

// One tutorial's script only prints a loss now and then; the other's, for Horovod, also evaluates.
std::vector<std::string> sample_lines(const settings::Settings& settings) {
  if (settings.integer("log-interval") == 0) return {"[1,  2000] loss: 2.184"};
  return {"Train Epoch: 1 [640/50000 (1%)] Loss: 2.302585", "Test set: Average loss: 2.1678, Accuracy: 26.11%"};
}

void read_cifar10_ahead(const settings::Settings& settings, std::span<const platform::Channel> channels,
                        datasets::ReadAhead& files) {
  const int64_t threads = settings.integer("workers");
  const cifar10::Places places = cifar10::choose_places(channels);
  for (const auto& place : {std::optional(places.training), places.evaluation}) {
    if (place) files.start(place->path, [place, threads] { return datasets::read_cifar(*place, threads); });
  }
}

}  // namespace

cards::Card cifar10_card() {
  using namespace settings;
  return {
      .name = "cifar10",
      .aliases = {"cifar", "cifar100"},
      .summary =
          "Two convolutions and three fully connected layers on the 32x32 colour images of CIFAR-10 or CIFAR-100.",
      .reads = "cifar-10-batches-py/, cifar-10-batches-bin/ or the .tar.gz of either; the same for CIFAR-100",
      .channels = {{"training", "The batches, and the test batch beside them (also called 'train').", true, {}},
                   {"test",
                    "The images to evaluate on, if they are not the test batch of the training channel (also called "
                    "'validation').",
                    false,
                    {}}},
      .knobs =
          {
              choice("net", "cnn", {"cnn", "cnn-dropout"})
                  .help(
                      "cnn returns logits; cnn-dropout drops half of them in training and returns log-probabilities."),
              integer("batch_size", 4).at_least(1).at_most(1 << 20).tunable().help("Images per step."),
              integer("test-batch-size", 1000)
                  .at_least(1)
                  .at_most(1 << 20)
                  .no_effect_on_result()
                  .help("Images per evaluation step."),
              integer("epochs", 2)
                  .at_least(1)
                  .at_most(1'000'000)
                  .may_grow()
                  .tunable()
                  .help("Passes over the training images."),
              real("lr", 0.001).above(0).at_most(100).tunable().help("Learning rate of SGD."),
              real("momentum", 0.9).at_least(0).below(1).tunable().help("Momentum of SGD."),
              integer("log-interval", 0)
                  .at_least(0)
                  .no_effect_on_result()
                  .help("0 prints the mean loss every 2000 steps; N above 0 prints a 'Train Epoch' line every N steps "
                        "and a 'Test set' line every epoch."),
              integer("workers", 2)
                  .at_least(0)
                  .at_most(1024)
                  .no_effect_on_result()
                  .help("Threads that read and decode the batches of a folder, one batch each, once at the start; an "
                        "archive is one stream and is read by one thread."),
              text("dist_backend", "gloo")
                  .alias("backend")
                  .no_effect_on_result()
                  .help("Backend for exchanging gradients between hosts; accepted but not used on one host."),
          },
      .metrics = {{"loss", "\\] loss: ([0-9\\.]+)", cards::Metric::Goal::kMinimize},
                  {"average test loss", "Test set: Average loss: ([0-9\\.]+)", cards::Metric::Goal::kMinimize},
                  {"test accuracy", "Accuracy: ([0-9\\.]+)%", cards::Metric::Goal::kMaximize}},
      .sample_lines = sample_lines,
      .finds = find_cifar10,
      .read_ahead = read_cifar10_ahead,
  };
}

}  // namespace smlt::models
