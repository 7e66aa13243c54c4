#pragma once

#include "engine/engine.hpp"

namespace smlt {

/// A training job from top to bottom: data, network, training, artifact, report.
/// With several ranks, all call it, and an error of one is thrown on every one, if `on_failure` has not ended it
/// before.
void train_job(const TrainRequest& request, Output& output, const std::stop_token& stop);

/// Tells the other ranks why this one ends before it has joined them; waits up to 30 s for them, or until a stop.
void report_failure(const platform::Cluster& cluster, const Processes& processes, const Ending& ending, Output& log,
                    const std::stop_token& stop);

}  // namespace smlt
