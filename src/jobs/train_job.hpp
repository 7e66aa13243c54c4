#pragma once

#include "engine/engine.hpp"

namespace smlt {

/// A training job from top to bottom: data, network, training, artifact, report.
void train_job(const TrainRequest& request, Output& output, const std::stop_token& stop);

}  // namespace smlt
