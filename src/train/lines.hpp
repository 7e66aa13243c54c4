// What a model is told so that it can print its tutorial's own log lines.
#pragma once

#include <cstdint>

namespace smlt::train {

struct JobFacts {
  int64_t hosts = 1;
  int64_t rank = 0;
  int64_t gpus = 0;
  int64_t train_rows = 0;        // this rank's share
  int64_t train_rows_total = 0;  // of all ranks
  int64_t validation_rows = 0;
};

/// After a step. Epochs and batches count from 1.
struct BatchFacts {
  int64_t epoch = 0;
  int64_t batch = 0;
  int64_t batches = 0;     // of the epoch
  int64_t rows = 0;        // of this batch
  int64_t rows_total = 0;  // of the epoch
  double loss = 0;         // mean over this batch
};

/// Losses and hits over a split.
struct Evaluation {
  int64_t rows = 0;
  int64_t correct = 0;
  double loss_sum = 0;  // over rows

  double loss() const { return loss_sum / static_cast<double>(rows); }
  double accuracy() const { return static_cast<double>(correct) / static_cast<double>(rows); }
};

/// After an epoch. `validation.rows` is 0 where there is nothing to evaluate on.
struct EpochFacts {
  int64_t epoch = 0;
  int64_t epochs = 0;
  double train_loss = 0;  // mean over the rows of the epoch
  double samples_per_second = 0;
  Evaluation validation;
};

}  // namespace smlt::train
