#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "train/identity.hpp"
#include "train/progress.hpp"

namespace smlt::train {

/// One moment of a job, with all that is needed to go on as if it had never been interrupted. Nothing random is in it:
/// random numbers are a function of the seed and the place (tensor/random.hpp).
struct Checkpoint {
  Progress progress = {};
  Weights weights = {};
  std::vector<at::Tensor> optimizer = {};  // Optimizer::state() of progress.phase
  std::string journal = {};                // the lines of metrics.jsonl
  Identity identity = {};
  std::string job = {};      // TRAINING_JOB_NAME, "" outside of SageMaker
  std::string machine = {};  // what the bits may depend on besides
  int64_t sequence = 0;      // counts the checkpoints of a job
};

/// A file in the safetensors format: weights as `net.NAME`, the optimizer's state as `optimizer.N`, numbers as the F64
/// tensor `progress`, the rest as metadata. Its last four bytes, the I32 tensor `crc32`, are the CRC-32 of those
/// before.
std::string to_bytes(const Checkpoint& checkpoint);

/// Throws std::invalid_argument, saying what is wrong, for anything that is not whole.
Checkpoint from_bytes(std::string_view bytes);

/// What a checkpoint's metadata says of whose it is. It is read without the check sum: what it says may be damage.
struct Label {
  std::string job;
  Identity identity;
};

/// From the first bytes of a file. Throws std::invalid_argument for anything that is not a checkpoint's.
Label label_of(std::string_view start);

}  // namespace smlt::train
