#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace smlt::model {

/// How parameters are updated, as torch.optim defines it.
struct OptimizerSpec {
  enum class Kind { kSgd, kAdam };
  Kind kind = Kind::kSgd;
  double lr = 0.01;
  double momentum = 0;  // kSgd
  double weight_decay = 0;
};

/// A phase of training with one optimizer.
struct Phase {
  int64_t epochs = 1;
  int64_t batch_size = 64;  // rows per step; the last batch of an epoch may be smaller
  OptimizerSpec optimizer = {};
  std::vector<std::string> trainable = {};  // prefixes of the parameters that are trained; empty: all are
};

}  // namespace smlt::model
