#pragma once

#include <string>
#include <utility>

#include "model/model.hpp"
#include "tensor/random.hpp"
#include "train/optimizer.hpp"
#include "train/ranks.hpp"

namespace smlt::train {

/// How a step is executed on this machine. Sharded: a batch is cut into pieces of `shard_rows` that threads take as
/// they become free, and threads synchronise once per step; a neighbour that takes a core then costs no more than that
/// core. Plain, or if a batch is a single piece: threads work inside each operator and synchronise at every one; if the
/// operators are small, that costs more than it saves, and one thread is used.
struct StepPlan {
  int64_t shard_rows = 0;  // 0: plain
  int threads = 1;
  int operator_threads = 1;        // for a step in one piece
  c10::Device device = c10::kCPU;  // where the network is and batches go

  bool is_sharded() const { return shard_rows > 0; }
  std::string text(int64_t batch_size) const;  // for the log: "2 shards of 32 rows on 2 threads"
};

/// The plan for batches of this many rows: one shard per thread, within bounds, if the model says that its rows are
/// independent, no BatchNorm is in training mode and no GPU does the work. The bits of a result depend on the plan, not
/// on which thread takes which shard.
StepPlan plan_step(const model::Model& model, const tensor::Net& net, int64_t batch_size, int threads);

/// What a step needs but does not change.
struct StepContext {
  const model::Model& model;
  tensor::Net& net;  // its parameters change
  const data::DataSet& data;
  StepPlan plan = {};
  Ranks ranks = {};
};

/// The rows of a step.
struct StepRows {
  StepRows(at::Tensor rows) : own(std::move(rows)), all(own.size(0)) {}
  StepRows(at::Tensor rows, int64_t of_all_ranks) : own(std::move(rows)), all(of_all_ranks) {}

  at::Tensor own;   // of this rank's training data: int64 `[rows]`, on several ranks perhaps none
  int64_t all = 0;  // how many all ranks have
};

struct StepResult {
  double loss = 0;     // mean over the rows of all ranks; may not be finite (the parameters are not updated then)
  bool stops = false;  // a rank has asked to stop after this step
};

/// One optimizer step on these rows. With several ranks, every one calls it: their gradients become one sum, so that
/// all keep the same weights, and the loss and the wish to stop travel with them.
StepResult step(const StepContext& context, Optimizer& optimizer, const StepRows& rows,
                const tensor::StepRandomness& randomness, bool asks_to_stop = false);

}  // namespace smlt::train
