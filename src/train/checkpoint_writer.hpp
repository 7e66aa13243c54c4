#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "train/checkpoint_store.hpp"
#include "train/journal.hpp"

namespace smlt::train {

/// When, and with which identity, checkpoints are written.
struct Checkpoints {
  CheckpointStore& store;
  Identity identity;
  std::string job;           // TRAINING_JOB_NAME
  std::string machine;       // what the bits may depend on besides the identity
  int64_t every_steps = 0;   // 0: by time only
  double every_seconds = 0;  // 0: by steps only
};

/// Writes the checkpoints of a loop, in the background.
class CheckpointWriter {
 public:
  explicit CheckpointWriter(Checkpoints checkpoints) : checkpoints_(std::move(checkpoints)) {}

  /// Called after this many steps of the whole job.
  bool is_due(int64_t steps) const;

  /// Skipped if the last one is still being written. `optimizer` is the state of the phase that `progress` is in.
  void save(const Progress& progress, const tensor::Net& net, const std::vector<at::Tensor>& optimizer,
            const Journal& journal);

  /// The same, but never skipped: it is written while the model is evaluated and exported.
  void save_last(const Progress& progress, const tensor::Net& net, const std::vector<at::Tensor>& optimizer,
                 const Journal& journal);

  const std::filesystem::path& directory() const { return checkpoints_.store.directory(); }

 private:
  Checkpoints checkpoints_;
  std::chrono::steady_clock::time_point saved_ = std::chrono::steady_clock::now();
};

}  // namespace smlt::train
