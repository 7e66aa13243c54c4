// Room train: the loop, the step, optimizers, evaluation, checkpoints, the journal of metrics. Knows what a model is,
// but no particular model.
#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/output.hpp"
#include "model/model.hpp"
#include "train/checkpoint_writer.hpp"
#include "train/journal.hpp"
#include "train/progress.hpp"
#include "train/step.hpp"

namespace smlt::train {

struct LoopOptions {
  uint64_t seed = 1;
  int threads = 1;
  bool keep_best = false;           // end with the weights of the epoch with the lowest validation loss
  bool stop_on_divergence = false;  // go back to the last sound epoch, if there is one, instead of failing
  int64_t patience = 0;             // stop after this many epochs without a lower validation loss; 0: never
  Ranks ranks = {};                 // every one runs the same loop
  double lr_scale = 1;              // of the learning rates of all phases
};

/// Trains one network: the phases of its model, epoch after epoch, writing log lines, metric lines and the journal on
/// the way. Afterwards the network holds the weights to export, and the last metric lines describe exactly those.
class Loop {
 public:
  /// Everything given must outlive the loop. `data` changes if the model prepares it for a phase.
  Loop(const model::Model& model, tensor::Net& net, data::DataSet& data, LoopOptions options, Output& output,
       Journal& journal);

  /// Writes checkpoints while it runs, one more at a requested stop and one at the end.
  void keep_checkpoints(Checkpoints checkpoints) { writer_.emplace(std::move(checkpoints)); }

  /// Whether the phases reach as far as the checkpoint: an identity does not include the number of epochs.
  bool reaches(const Checkpoint& checkpoint) const;

  /// Continues from a checkpoint with the same identity. Throws UserError if the phases do not reach it.
  void resume(Checkpoint checkpoint);

  /// Throws UserError at the first loss that is not finite, with epoch, step, learning rate and advice. A requested
  /// stop ends the current epoch after its current step; the epoch is then evaluated and reported as it is. With
  /// several ranks, a stop of one becomes known to all with the next step, and all end after that one. Returns whether
  /// any step was done: without one there is nothing to export.
  bool run(const std::stop_token& stop);

  /// What the last metric lines said.
  const model::EpochFacts& final_facts() const { return progress_.last; }
  cards::Metrics final_metrics() const;

  /// Whether a requested stop, of any rank, ended the run.
  bool was_stopped() const { return stops_; }

 private:
  bool run_phases(const std::stop_token& stop);
  bool run_phase(const model::Phase& phase, size_t index, int64_t end, const std::stop_token& stop);
  bool run_epoch(const model::Phase& phase, Optimizer& optimizer, const std::stop_token& stop);
  double run_step(const model::Phase& phase, Optimizer& optimizer, const at::Tensor& order, const Share& share,
                  const std::stop_token& stop);
  void print_batch_line(model::BatchFacts batch);
  void take_optimizer_state(Optimizer& optimizer, size_t phase);
  void save_last_checkpoint();
  void finish_epoch();
  model::Evaluation evaluation() const;
  void refuse_lost_weights() const;
  void keep_if_best();
  void go_back_to(const Moment& moment);
  void report();
  bool goes_on(const std::stop_token& stop);
  bool stops(const std::stop_token& stop);
  bool has_lost_patience() const;
  StepContext context() const { return {model_, net_, data_, plan_, options_.ranks}; }
  [[noreturn]] void refuse_loss(double loss, double lr) const;

  const model::Model& model_;
  tensor::Net& net_;
  data::DataSet& data_;
  LoopOptions options_;
  Output& output_;
  Journal& journal_;

  int64_t epochs_ = 0;  // of all phases
  StepPlan plan_;
  Progress progress_;
  bool stepped_ = false;                     // in this process
  bool stops_ = false;                       // a stop is known to all ranks
  std::vector<at::Tensor> optimizer_state_;  // of progress_.phase; shares memory with the optimizer

  std::optional<CheckpointWriter> writer_;
};

}  // namespace smlt::train
