// Tables of numbers with one class per row, as CSV.
#include "cards/registry.hpp"
#include "models/tabular/card/found.hpp"

namespace smlt::models {
namespace {

std::unique_ptr<cards::Found> find_tables(std::span<const platform::Channel> channels,
                                          const std::shared_ptr<datasets::Looks>& looks) {
  return std::make_unique<tabular::Found>(channels, *looks);
}

std::vector<std::string> sample_lines(const settings::Settings&) {
  return {"Train epoch: 1, Loss: 1.097149", "Validation: accuracy=36.875", "Validation: loss = 0.033912345",
          "Test set: Average loss: 0.0339, Accuracy: 590/1600 (37%)"};
}

}  // namespace

cards::Card tabular_card() {
  using namespace settings;
  return {
      .name = "tabular",
      .aliases = {},
      .summary = "Two fully connected layers on a table of numbers: any number of features and classes.",
      .reads =
          "X_train.csv and y_train.csv (each with a header), or CSV files with the label first and no header, plain "
          "or .gz",
      .channels = {{"training",
                    "The training rows, and X_validation.csv and y_validation.csv beside them (also called 'train').",
                    true,
                    {"text/csv"}},
                   {"validation",
                    "The rows to evaluate on, if they are not beside the training rows (also called 'test').",
                    false,
                    {"text/csv"}}},
      .knobs =
          {
              integer("num-epochs", 20)
                  .at_least(1)
                  .at_most(1'000'000)
                  .tunable()
                  .may_grow()
                  .help("Passes over the training rows."),
              real("learning-rate", 0.001).above(0).at_most(1000).tunable().help("Learning rate of SGD."),
              integer("batch-size", 64).at_least(1).at_most(1 << 20).tunable().help("Rows per step."),
              integer("test-batch-size", 1)
                  .at_least(1)
                  .at_most(1 << 20)
                  .no_effect_on_result()
                  .help("Rows per evaluation step; the tutorial's average test loss depends on it."),
              choice("standardize", "auto", {"auto", "true", "false"})
                  .help("Whether the network scales its columns by the training rows' means and deviations; auto does "
                        "so if columns are far from 1 or differ in scale."),
              integer("seed", 1337)
                  .at_least(0)
                  .at_most(4294967295)
                  .help("Seed of all random numbers; 1337 gives the tutorial's initial weights."),
          },
      .metrics = {{"average test loss", "Test set: Average loss: ([0-9\\.]+)", cards::Metric::Goal::kMinimize}},
      .sample_lines = sample_lines,
      .find = find_tables,
  };
}

}  // namespace smlt::models
