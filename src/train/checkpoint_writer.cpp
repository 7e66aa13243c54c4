#include "train/checkpoint_writer.hpp"

#include <ATen/core/Tensor.h>

#include <utility>

namespace smlt::train {

bool CheckpointWriter::is_due(int64_t steps) const {
  if (checkpoints_.store.is_writing()) return false;  // training continues without copying what would be dropped
  if (checkpoints_.every_steps > 0 && steps % checkpoints_.every_steps == 0) return true;
  const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - saved_;
  return checkpoints_.every_seconds > 0 && passed.count() >= checkpoints_.every_seconds;
}

void CheckpointWriter::save(const Progress& progress, const tensor::Net& net, const std::vector<at::Tensor>& optimizer,
                            const Journal& journal) {
  Checkpoint checkpoint{.progress = progress,
                        .weights = Weights::of(net),
                        .journal = journal.lines(),
                        .identity = checkpoints_.identity,
                        .job = checkpoints_.job,
                        .machine = checkpoints_.machine};
  for (const at::Tensor& tensor : optimizer) {
    checkpoint.optimizer.push_back(tensor.to(at::kCPU, /*non_blocking=*/false, /*copy=*/true));
  }
  checkpoints_.store.write(std::move(checkpoint));
  saved_ = std::chrono::steady_clock::now();
}

void CheckpointWriter::save_last(const Progress& progress, const tensor::Net& net,
                                 const std::vector<at::Tensor>& optimizer, const Journal& journal) {
  checkpoints_.store.wait();
  save(progress, net, optimizer, journal);
}

}  // namespace smlt::train
