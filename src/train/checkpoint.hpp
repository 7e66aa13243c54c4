#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "train/identity.hpp"
#include "train/progress.hpp"

namespace smlt::train {

/// One moment of a job, with everything needed to continue as if it had never been interrupted. It holds no random
/// state: random numbers are a function of the seed and the place (tensor/random.hpp).
struct Checkpoint {
  Progress progress = {};
  Weights weights = {};
  std::vector<at::Tensor> optimizer = {};  // Optimizer::state() of progress.phase
  std::string journal = {};                // the lines of metrics.jsonl
  Identity identity = {};
  std::string job = {};      // TRAINING_JOB_NAME, "" outside SageMaker
  std::string machine = {};  // what else the bits may depend on
  int64_t sequence = 0;      // counts the checkpoints of a job
};

/// A file in the safetensors format: weights as `net.NAME`, the optimizer's state as `optimizer.N`, numbers as the F64
/// tensor `progress`, the rest as metadata. Its last four bytes, the I32 tensor `crc32`, are the CRC-32 of all bytes
/// before them.
std::string to_bytes(const Checkpoint& checkpoint);

/// Throws std::invalid_argument, saying what is wrong, for anything but an intact checkpoint.
Checkpoint from_bytes(std::string_view bytes);

/// Whose checkpoint it is, according to its metadata. Read without the checksum, so it may be damaged.
struct Label {
  std::string job;
  Identity identity;
};

/// From the first bytes of a file. Throws std::invalid_argument for anything that is not a checkpoint's.
Label label_of(std::string_view start);

}  // namespace smlt::train
