#pragma once

#include "engine/engine.hpp"

namespace smlt {

/// A training job from top to bottom: data, network, training, artifact, report.
/// With several ranks, all call it, and an error of one is thrown on every one, if `on_failure` has not ended it
/// before.
void train_job(const TrainRequest& request, Output& output, const std::stop_token& stop);

/// Waits for the other ranks for a minute, and tells those that come why this one ends.
void report_failure(const platform::Cluster& cluster, const Processes& processes, const Ending& ending, Output& log,
                    const std::stop_token& stop);

}  // namespace smlt
