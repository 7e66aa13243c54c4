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
  int64_t finished_epochs = 0;  // of all phases
  int64_t batch = 0;            // the last one begun in the epoch being trained, counted from 1; 0 between epochs
  int64_t steps = 0;            // begun, in the whole job
  size_t phase = 0;             // the index of the last one begun; the optimizer's state belongs to it
  Meter::Sums meter = {};       // of the epoch being trained
  double recent_loss = 0;       // sum of the batches' losses since the last line
  int64_t recent_batches = 0;
  model::EpochFacts last = {};       // what the last metric lines said
  std::optional<Moment> best = {};   // with the lowest validation loss; weights only with keep=best
  std::optional<Moment> sound = {};  // the last one, with on_divergence=stop

  bool is_within_epoch() const { return batch > 0; }
  int64_t epoch() const { return finished_epochs + 1; }  // the one being trained, counted from 1
  int64_t begun_epochs() const { return finished_epochs + (is_within_epoch() ? 1 : 0); }
};

}  // namespace smlt::train
