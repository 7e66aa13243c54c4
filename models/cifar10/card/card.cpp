// CIFAR-10 and CIFAR-100 in the forms in which they are published.
#include "cards/registry.hpp"
#include "models/cifar10/card/found.hpp"

namespace smlt::models {
namespace {

std::unique_ptr<cards::Found> find_cifar10(std::span<const platform::Channel> channels,
                                           const std::shared_ptr<datasets::Looks>& looks) {
  return std::make_unique<cifar10::Found>(channels, *looks);
}

// One tutorial's script only prints a loss now and then; the other's, for Horovod, also evaluates.
std::vector<std::string> sample_lines(const settings::Settings& settings) {
  if (settings.integer("log-interval") == 0) return {"[1,  2000] loss: 2.184"};
  return {"Train Epoch: 1 [640/50000 (1%)] Loss: 2.302585", "Test set: Average loss: 2.1678, Accuracy: 26.11%"};
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
                  .help("Backend for summing gradients over hosts: gloo on CPUs, nccl on GPUs, whatever is asked for."),
          },
      .metrics = {{"loss", "\\] loss: ([0-9\\.]+)", cards::Metric::Goal::kMinimize},
                  {"average test loss", "Test set: Average loss: ([0-9\\.]+)", cards::Metric::Goal::kMinimize},
                  {"test accuracy", "Accuracy: ([0-9\\.]+)%", cards::Metric::Goal::kMaximize}},
      .sample_lines = sample_lines,
      .find = find_cifar10,
  };
}

}  // namespace smlt::models
