#pragma once

#include <memory>

#include "device/device.hpp"
#include "engine/engine.hpp"
#include "train/checkpoint_store.hpp"
#include "train/loop.hpp"

namespace smlt {

/// Lets the loop of every rank continue from the newest checkpoint that an earlier process of this job left with rank
/// 0, unless resume=never, and lets rank 0's loop write more. Returns where those are, if the job has a folder for
/// checkpoints; it must outlive the loop's run. Throws UserError if the checkpoints are of the same job with other data
/// or hyperparameters.
std::unique_ptr<train::CheckpointStore> resume(const TrainRequest& request, const device::DeviceChoice& device,
                                               const train::Ranks& ranks, const tensor::Net& net,
                                               const data::DataSet& data, train::Loop& loop, Output& output);

}  // namespace smlt
