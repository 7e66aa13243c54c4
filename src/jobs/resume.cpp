#include "jobs/resume.hpp"

#include <torch/version.h>

#include <utility>

#include "base/folder.hpp"
#include "base/text.hpp"
#include "data/fingerprint.hpp"
#include "machine/processor.hpp"

namespace smlt {
namespace {

std::string job_name(const Environment& environment) {
  const auto found = environment.find("TRAINING_JOB_NAME");
  return found == environment.end() ? "" : as_utf8(found->second);
}

// What the bits of a result may depend on apart from the job.
std::string machine_text(int threads, const device::DeviceChoice& device, int ranks) {
  const std::string where = device.device.is_cuda()
                                ? device.gpu
                                : fmt::format("{} on {}", counted(threads, "thread"), machine::processor_name());
  const std::string several = ranks > 1 ? fmt::format("{} ranks of ", ranks) : "";
  return fmt::format("{}{} with LibTorch {}", several, where, TORCH_VERSION);
}

train::Checkpoints checkpoints_of(const TrainRequest& request, train::CheckpointStore& store,
                                  const train::Identity& identity, const device::DeviceChoice& device, int ranks) {
  return {.store = store,
          .identity = identity,
          .job = job_name(request.job.environment),
          .machine = machine_text(request.threads, device, ranks),
          .every_steps = request.settings.integer("checkpoint_interval_steps"),
          .every_seconds = request.settings.real("checkpoint_interval_seconds")};
}

// What an earlier process of this job left, unless resume=never or there is nothing to continue.
std::optional<train::Checkpoint> found_checkpoint(const TrainRequest& request, const train::Checkpoints& checkpoints,
                                                  const train::Loop& loop, Output& output) {
  train::CheckpointStore& store = checkpoints.store;
  if (request.settings.text("resume") == "never") {
    output.line("resume=never: training starts anew, and earlier checkpoints of this job are removed.");
    store.clear();
    return std::nullopt;
  }
  train::refuse_another_identity(store.directory(), checkpoints.identity, checkpoints.job);
  std::optional<train::Checkpoint> found = store.newest();
  if (!found) return std::nullopt;
  if (found->job != checkpoints.job && !loop.reaches(*found)) {  // a tuner's jobs may differ only in their epochs
    output.line("The checkpoint here is from a job with more epochs and is skipped: training starts anew.");
    return std::nullopt;
  }
  const train::Progress& progress = found->progress;
  output.line("Continuing from a checkpoint: {} finished, {} of the next, {} in all.",
              counted(progress.finished_epochs, "epoch"), counted(progress.batch, "step"),
              counted(progress.steps, "step"));
  if (found->machine != checkpoints.machine) {
    output.line(
        "It was written with {}, and this is {}: the weights may differ from an uninterrupted run in their last bits.",
        found->machine, checkpoints.machine);
  }
  return found;
}

}  // namespace

std::unique_ptr<train::CheckpointStore> resume(const TrainRequest& request, const device::DeviceChoice& device,
                                               const train::Ranks& ranks, const tensor::Net& net,
                                               const data::DataSet& data, train::Loop& loop, Output& output) {
  std::unique_ptr<train::CheckpointStore> store;
  std::optional<train::Checkpoint> found;
  if (ranks.leads() && is_folder(request.job.tree.checkpoints)) {
    const std::string content = ranks.shards().value_or(data.fingerprint + ", " + data::content(data));
    const train::Identity identity = train::identity_of(request.card.name, request.settings, net, content);
    store = std::make_unique<train::CheckpointStore>(request.job.tree.checkpoints, identity, output);
    const train::Checkpoints checkpoints = checkpoints_of(request, *store, identity, device, ranks.size());
    loop.keep_checkpoints(checkpoints);
    found = found_checkpoint(request, checkpoints, loop, output);
  }
  if (ranks.are_several()) {
    const std::string bytes = ranks.broadcast(found ? train::to_bytes(*found) : "");
    if (!ranks.leads() && !bytes.empty()) found = train::from_bytes(bytes);
  }
  if (found) loop.resume(std::move(*found));
  return store;
}

}  // namespace smlt
