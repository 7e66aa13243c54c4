// Birds (CUB-200-2011) and every other set of images with one folder per class.
#include "cards/registry.hpp"
#include "models/birds/card/backbone.hpp"
#include "models/birds/card/found.hpp"

namespace smlt::models {
namespace {

std::unique_ptr<cards::Found> find_images(std::span<const platform::Channel> channels,
                                          const std::shared_ptr<datasets::Looks>& looks) {
  return std::make_unique<birds::Found>(channels, looks);
}

std::vector<std::string> sample_lines(const settings::Settings&) {
  return {"Epoch 1/5.. Train loss: 1.234.. Test loss: 1.234.. Test accuracy: 0.567"};
}

std::vector<settings::Knob> knobs() {
  using namespace settings;
  return {
      integer("initial_epochs", 5)
          .at_least(0)
          .at_most(1'000'000)
          .tunable()
          .help("Epochs in which only the head is trained, on a frozen trunk."),
      integer("fine_tuning_epochs", 0)
          .at_least(0)
          .at_most(1'000'000)
          .tunable()
          .may_grow()
          .help("Epochs after those in which everything is trained; the tutorial's script never did that."),
      integer("batch_size", 16).at_least(1).at_most(1 << 16).tunable().help("Images per step."),
      real("initial_lr", 0.0001).above(0).at_most(100).tunable().help("Adam's learning rate for the head."),
      real("fine_tuning_lr", 0.00001)
          .above(0)
          .at_most(100)
          .tunable()
          .help("Adam's learning rate while everything is trained."),
      real("dropout", 0.5).at_least(0).below(1).tunable().help("Share of the head's hidden values that are dropped."),
      integer("num_fully_connected_layers", 1)
          .at_least(0)
          .at_most(8)
          .tunable()
          .help("Hidden layers of 256 units in the head; 0 is a plain classifier on the trunk's features."),
      choice("backbone", "resnet50", birds::backbone_names()).help("The trunk, under torchvision's name."),
      boolean("augment", true)
          .help("Random crops, rotations and flips of the training images; without them, each image's features "
                "are computed once."),
      list("classes", {}).help("Classes to use, by name or by the number before the dot; an empty list uses all."),
      list("exclude", {"087.Mallard/Mallard_0130_76836.jpg"})
          .help("Images to leave out, by file name or by folder and file name."),
      list("split", {"0.6", "0.2", "0.2"})
          .help("Shares of each class to train on, evaluate on and set aside, if there is only one channel."),
      integer("max_bad_images", 10)
          .at_least(0)
          .at_most(1'000'000'000)
          .help("How many unreadable images are left out before the job fails."),
      choice("precision", "auto", {"auto", "fp32", "bf16"})
          .help("Number format for training; auto is fp32, bf16 is faster on processors with AMX."),
  };
}

}  // namespace

cards::Card birds_card() {
  return {
      .name = "birds",
      .aliases = {"images"},
      .summary =
          "A torchvision convolutional network with its own head, the trunk frozen or fine-tuned, on "
          "images of any size: birds (CUB-200-2011) or any other set of photographs.",
      .reads = "a folder of JPEG or PNG images for each class, or a CUB_200_2011 tree or its .tgz",
      .channels =
          {{"train", "The training images (also called 'training'); alone, they are split by 'split'.", true, {}},
           {"validation", "The images to evaluate on, in folders of the same names.", false, {}},
           {"test", "Only counted; evaluated on if there is no validation channel.", false, {}},
           {"pretrained", "Weights to start from: one .pth, .pt or .safetensors file.", false, {}}},
      .knobs = knobs(),
      .metrics = {{"validation:acc", "Test accuracy: ([0-9]+\\.[0-9]+)", cards::Metric::Goal::kMaximize},
                  {"validation:loss", "Test loss: ([0-9]+\\.[0-9]+)", cards::Metric::Goal::kMinimize},
                  {"train:loss", "Train loss: ([0-9]+\\.[0-9]+)", cards::Metric::Goal::kMinimize}},
      .sample_lines = sample_lines,
      .find = find_images,
  };
}

}  // namespace smlt::models
