// The hyperparameters and metrics that every model has.
#include <algorithm>

#include "cards/card.hpp"
#include "cards/metric_line.hpp"
#include "platform/job.hpp"

namespace smlt::cards {
namespace {

using settings::Knob;

std::vector<Knob> common_knobs() {
  return {
      settings::text("model", "auto").help("Which model to train; auto chooses by the data in the channels."),
      settings::choice("recipe", "tutorial", {"tutorial"})
          .help("How to train; tutorial follows the original step by step."),
      settings::integer("seed", 1)
          .at_least(0)
          .at_most(4294967295)
          .help("Seed of all random numbers; the same seed and thread count give the same bits."),
      settings::choice("device", "auto", {"auto", "cpu", "cuda"})
          .help("Where to train; auto uses a GPU if there is one."),
      settings::choice("precision", "auto", {"auto", "fp32"}).help("Number format for training; auto is fp32."),
      settings::integer("threads", 0)
          .at_least(0)
          .at_most(1024)
          .no_effect_on_result()
          .help("Compute threads; 0 uses all that the container may use."),
      settings::choice("keep", "last", {"last", "best"})
          .help("Which weights are exported: the last ones, or those of the epoch with the lowest validation loss."),
      settings::integer("patience", 0)
          .at_least(0)
          .at_most(1000000)
          .help("Early stopping after this many epochs without a lower validation loss; 0 never stops early."),
      settings::choice("on_divergence", "fail", {"fail", "stop"})
          .help("If the loss becomes NaN or infinite: fail, or stop with the weights of the last sound epoch."),
      settings::choice("resume", "auto", {"auto", "never"})
          .no_effect_on_result()
          .help("auto continues from this job's checkpoint if there is one; never starts anew."),
      settings::integer("checkpoint_interval_steps", 0)
          .at_least(0)
          .at_most(1'000'000'000)
          .no_effect_on_result()
          .help("Steps between checkpoints; 0 writes them by time only."),
      settings::real("checkpoint_interval_seconds", 30)
          .at_least(0)
          .at_most(1e9)
          .no_effect_on_result()
          .help("Seconds between checkpoints; 0 writes them by steps only."),
      settings::integer("processes", 1)
          .at_least(1)
          .at_most(256)
          .no_effect_on_result()
          .help("Processes on each host, which train together with a batch each; on GPUs there is one for each GPU."),
      settings::text("backend", "")
          .no_effect_on_result()
          .help("Backend for summing gradients over hosts: gloo on CPUs, nccl on GPUs, whatever is asked for."),
  };
}

void append_new(std::vector<Knob>& knobs, const std::vector<Knob>& more) {
  for (const Knob& knob : more) {
    const auto same = [&](const Knob& other) { return other.is_called(knob.name()); };
    if (std::none_of(knobs.begin(), knobs.end(), same)) knobs.push_back(knob);
  }
}

}  // namespace

std::vector<Knob> all_knobs(const Card& card) {
  std::vector<Knob> knobs = card.knobs;
  append_new(knobs, common_knobs());
  append_new(knobs, platform::script_knobs());
  return knobs;
}

std::vector<Metric> all_metrics(const Card& card) {
  std::vector<Metric> metrics = card.metrics;
  for (const Metric& metric : common_metrics()) metrics.push_back(metric);
  return metrics;
}

}  // namespace smlt::cards
