// Room cards: what is known about a model without LibTorch: its name, hyperparameters, metrics and how its data is
// recognised. The program links only this room, so `describe`, `--help` and configuration errors are instant.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "cards/found.hpp"
#include "datasets/looks.hpp"
#include "platform/channel.hpp"
#include "settings/knob.hpp"
#include "settings/settings.hpp"

namespace smlt::cards {

/// A metric that a job prints, with a regex for SageMaker's MetricDefinitions whose first group is the value.
struct Metric {
  enum class Goal { kNone, kMinimize, kMaximize };  // kNone: not an objective for the tuner
  std::string name;
  std::string regex;
  Goal goal = Goal::kNone;
};

/// A channel that the model reads.
struct ChannelUse {
  std::string name;
  std::string help;
  bool required = false;
  std::vector<std::string> content_types;
};

struct Card {
  std::string name = {};
  std::vector<std::string> aliases = {};  // other values of the hyperparameter `model` that mean this one
  std::string summary = {};               // one sentence
  std::string reads = {};                 // what data it recognises, for error sentences
  std::vector<ChannelUse> channels = {};
  std::vector<settings::Knob> knobs = {};  // its own; the common ones come on top
  std::vector<Metric> metrics = {};        // its tutorial's; the common ones come on top

  /// The tutorial's log lines that a job with these settings prints, one of each form that carries a metric. Null: only
  /// the common line of each epoch.
  std::vector<std::string> (*sample_lines)(const settings::Settings& settings) = nullptr;

  /// Looks for this model's data in the job's channels of data, deciding by content; foreign files are not an error.
  /// Throws PlatformError if a file or folder cannot be read.
  std::unique_ptr<Found> (*find)(std::span<const platform::Channel> channels,
                                 const std::shared_ptr<datasets::Looks>& looks) = nullptr;
};

/// The card of every registered model (models/registry.inc).
const std::vector<Card>& cards();

/// The card with this name or alias; throws UserError with the known names if there is none.
const Card& card_named(const std::string& name);

/// The hyperparameters every model has, then the model's own, then the script options (platform/job.hpp). A model's
/// knob replaces the common one of the same name, for example to change its default.
std::vector<settings::Knob> all_knobs(const Card& card);

/// The model's metrics, then those of the common line of each epoch.
std::vector<Metric> all_metrics(const Card& card);

}  // namespace smlt::cards
