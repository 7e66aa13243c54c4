#pragma once

#include <string>

#include "models/model.hpp"
#include "tensor/random.hpp"
#include "train/optimizer.hpp"

namespace smlt::train {

/// How a step is executed on this machine. Sharded, a batch is cut into pieces of `shard_rows` that threads take as
/// they come free and that meet once a step; a neighbour that takes a core then costs no more than that core. Plain,
/// the threads work inside each operator and meet at every one of them.
struct StepPlan {
  int64_t shard_rows = 0;  // 0: plain
  int threads = 1;

  bool is_sharded() const { return shard_rows > 0; }
  std::string text(int64_t batch_size) const;  // for the log: "2 shards of 32 rows on 2 threads"
};

/// The plan for batches of so many rows: sharded where the model says that its rows are independent and no BatchNorm is
/// in training mode. What is computed does not depend on `threads`, so the bits of the result do not either.
StepPlan plan_step(const models::Model& model, const tensor::Net& net, int64_t batch_size, int threads);

/// What a step needs and does not change.
struct StepContext {
  const models::Model& model;
  tensor::Net& net;  // its parameters change
  const data::DataSet& data;
  StepPlan plan = {};
};

/// One optimizer step on these rows of the training data (int64 `[rows]`); returns their mean loss, which may not be
/// finite (the parameters are not updated then).
double step(const StepContext& context, Optimizer& optimizer, const at::Tensor& rows,
            const tensor::StepRandomness& randomness);

}  // namespace smlt::train
