#pragma once

#include <boost/json/object.hpp>
#include <string>

#include "cards/card.hpp"

namespace smlt {

/// A model's hyperparameters, channels and metrics as text for people.
std::string description(const cards::Card& card);

/// The same under the field names of CreateAlgorithm's TrainingSpecification (SupportedHyperParameters,
/// MetricDefinitions, TrainingChannels, SupportedTuningJobObjectiveMetrics, SupportsDistributedTraining).
boost::json::object training_specification(const cards::Card& card);

}  // namespace smlt
