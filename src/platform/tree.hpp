// Room platform: what SageMaker says about a job: the /opt/ml tree, channels, hosts, hyperparameters, SM_* variables in
// and out.
#pragma once

#include <filesystem>

#include "base/environment.hpp"

namespace smlt::platform {

/// The directories SageMaker mounts (platform 2). SAGEMAKER_BASE_DIR replaces /opt/ml, SM_MODEL_DIR and
/// SM_OUTPUT_DATA_DIR replace their directories. Nothing is created or checked here.
struct Tree {
  std::filesystem::path base;         // /opt/ml
  std::filesystem::path config;       // input/config
  std::filesystem::path data;         // input/data
  std::filesystem::path model;        // model
  std::filesystem::path models;       // models
  std::filesystem::path output;       // output
  std::filesystem::path output_data;  // output/data
  std::filesystem::path checkpoints;  // checkpoints
  std::filesystem::path failure() const { return output / "failure"; }
};
Tree read_tree(const Environment& environment);

/// Whether the platform has mounted `input`, as it does for every job. False on a machine without a job.
bool has_input(const Tree& tree);

}  // namespace smlt::platform
