// Room train: the loop, the step, optimizers, evaluation, the journal of metrics. Knows what a model is and no model.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

#include "base/output.hpp"
#include "models/model.hpp"
#include "train/journal.hpp"
#include "train/weights.hpp"

namespace smlt::train {

struct LoopOptions {
  uint64_t seed = 1;
  bool keep_best = false;           // end with the weights of the epoch with the lowest validation loss
  bool stop_on_divergence = false;  // go back to the last sound epoch instead of failing, where there is one
  int64_t patience = 0;             // stop after so many epochs without a lower validation loss; 0: never
};

/// Trains one network: the phases of its model, epoch after epoch, with the log lines, the metric lines and the journal
/// on the way. Afterwards the network holds the weights to export, and the last metric lines describe exactly those.
class Loop {
 public:
  /// Everything given must outlive the loop.
  Loop(const models::Model& model, tensor::Net& net, const data::DataSet& data, LoopOptions options, Output& output,
       Journal& journal);

  /// Throws UserError at the first loss that is not finite, with epoch, step, learning rate and advice. A requested
  /// stop ends the current epoch after its current step; the epoch is then evaluated and reported as it is. Returns
  /// whether a step was done at all: without one there is nothing to export.
  bool run(const std::stop_token& stop);

  /// What the last metric lines said.
  const EpochFacts& final_facts() const { return last_; }
  models::Metrics final_metrics() const;

 private:
  // The end of an epoch.
  struct Moment {
    EpochFacts facts;
    Weights weights;
  };

  void run_phases(const std::stop_token& stop);
  void run_phase(const Phase& phase, const std::stop_token& stop);
  bool run_epoch(const Phase& phase, torch::optim::Optimizer& optimizer, const std::stop_token& stop);
  double run_step(const Phase& phase, torch::optim::Optimizer& optimizer, const data::Batch& batch, int64_t number);
  void finish_epoch();
  void refuse_lost_weights() const;
  void keep_if_best();
  void go_back_to(const Moment& moment);
  void report();
  bool has_lost_patience() const;
  [[noreturn]] void refuse_loss(double loss, int64_t batch, double lr) const;

  const models::Model& model_;
  tensor::Net& net_;
  const data::DataSet& data_;
  LoopOptions options_;
  Output& output_;
  Journal& journal_;

  EpochFacts last_;
  bool stepped_ = false;

  std::optional<Moment> best_;   // with the lowest validation loss
  std::optional<Moment> sound_;  // the last one, kept with stop_on_divergence
};

}  // namespace smlt::train
