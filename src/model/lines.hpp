// What a model needs to know to print its tutorial's own log lines.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>

namespace smlt::model {

struct JobFacts {
  int64_t hosts = 1;
  int64_t rank = 0;          // of this process among those of all hosts
  std::string backend = {};  // "gloo" or "nccl", with several
  int64_t gpus = 0;
  int64_t train_rows = 0;        // this rank's share
  int64_t train_rows_total = 0;  // of all ranks
  int64_t validation_rows = 0;
};

/// Losses and hits over a split. Batches are the model's evaluation batches.
struct Evaluation {
  int64_t rows = 0;
  int64_t correct = 0;
  double loss_sum = 0;  // over rows
  int64_t batches = 0;
  double batch_loss_sum = 0;  // of the batches' means
  int64_t only_class = -1;    // the class predicted for every row; -1 if there are several

  double loss() const { return loss_sum / static_cast<double>(rows); }
  double accuracy() const { return static_cast<double>(correct) / static_cast<double>(rows); }
};

/// When a model prints a line within an epoch.
struct LineRhythm {
  int64_t steps = 0;           // after every so many steps; 0: never
  bool across_epochs = false;  // steps are counted over the whole job instead of within the epoch
  bool evaluate = false;       // the validation data is evaluated for each line
};

/// The facts after a step whose line is due. Epochs, batches and steps count from 1.
struct BatchFacts {
  int64_t epoch = 0;
  int64_t epochs = 0;
  int64_t batch = 0;
  int64_t batches = 0;         // of the epoch
  int64_t step = 0;            // of the whole job
  int64_t rows = 0;            // of this batch
  int64_t rows_total = 0;      // of the epoch
  double loss = 0;             // mean over this batch
  double recent_loss = 0;      // mean of the batches' losses since the last line, of this epoch unless across_epochs
  Evaluation validation = {};  // with LineRhythm::evaluate, if there is something to evaluate on
};

inline double percent(int64_t part, int64_t whole) {
  return 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

/// The log line of PyTorch's own examples, which several tutorials print.
inline std::string train_epoch_line(const BatchFacts& batch) {
  return fmt::format("Train Epoch: {} [{}/{} ({:.0f}%)] Loss: {:.6f}", batch.epoch, batch.batch * batch.rows,
                     batch.rows_total, percent(batch.batch, batch.batches), batch.loss);
}

/// Those examples' line about several hosts.
inline std::string distributed_line(const JobFacts& job) {
  return fmt::format(
      "Initialized the distributed environment: '{}' backend on {} nodes. Current host rank is {}. "
      "Number of gpus: {}",
      job.backend, job.hosts, job.rank, job.gpus);
}

/// Those examples' line about this host's share of the data; `part` is "train", "validation" or "test".
inline std::string processes_line(int64_t rows, int64_t total, const char* part, const char* verb = "Processes") {
  return fmt::format("{} {}/{} ({:.0f}%) of {} data", verb, rows, total, percent(rows, total), part);
}

/// The facts after an epoch. `validation.rows` is 0 if there is nothing to evaluate on.
struct EpochFacts {
  int64_t epoch = 0;
  int64_t epochs = 0;
  double train_loss = 0;        // mean over the rows of the epoch
  double train_batch_loss = 0;  // mean over its batches
  double samples_per_second = 0;
  Evaluation validation = {};
};

}  // namespace smlt::model
