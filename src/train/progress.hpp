#pragma once

#include <cstdint>
#include <optional>

#include "model/lines.hpp"
#include "train/meter.hpp"
#include "train/weights.hpp"

namespace smlt::train {

/// The end of an epoch.
struct Moment {
  model::EpochFacts facts = {};
  Weights weights = {};
};

/// How far a job has come: together with the weights and the optimizer's state, everything that must outlive a process.
struct Progress {
  int64_t epochs = 0;      // finished
  int64_t steps = 0;       // of the whole job
  int64_t batch = 0;       // steps of the epoch being trained
  size_t phase = 0;        // of the last step; the optimizer's state belongs to it
  Meter::Sums meter = {};  // of the epoch being trained
  double recent_loss = 0;  // sum of the batches' losses since the last line
  int64_t recent_batches = 0;
  model::EpochFacts last = {};       // what the last metric lines said
  std::optional<Moment> best = {};   // with the lowest validation loss; weights only with keep=best
  std::optional<Moment> sound = {};  // the last one, with on_divergence=stop
};

}  // namespace smlt::train
