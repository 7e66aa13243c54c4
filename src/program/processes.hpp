#pragma once

#include "engine/engine.hpp"
#include "platform/job.hpp"

namespace smlt {

/// How many processes train on each host, and which one this is: one per GPU, or as many as the hyperparameter
/// `processes` says, or SageMaker's own for jobs under MPI (`sagemaker_mpi_enabled`,
/// `sagemaker_mpi_num_of_processes_per_host`, platform 4), under which the learning rate is scaled as well. Throws
/// UserError for values that are out of range.
Processes processes_of(const platform::Job& job);

}  // namespace smlt
