// Room config: what the platform says of a job (the /opt/ml tree, channels, hosts, SM_* variables) and what the user
// says (hyperparameters as knobs and settings). Knows base alone; no LibTorch, so that configuration errors are
// instant.
#pragma once

#include <filesystem>
#include <map>
#include <string>

namespace smlt::config {

/// The process environment, captured once in `main`; nobody calls getenv later.
using Environment = std::map<std::string, std::string>;
Environment captured_environment();

/// The directories SageMaker mounts (platform 2). SAGEMAKER_BASE_DIR replaces /opt/ml, SM_MODEL_DIR and
/// SM_OUTPUT_DATA_DIR replace theirs. Nothing is created or checked here.
struct Tree {
  std::filesystem::path base;         // /opt/ml
  std::filesystem::path config;       // input/config
  std::filesystem::path data;         // input/data
  std::filesystem::path model;        // model
  std::filesystem::path output;       // output
  std::filesystem::path output_data;  // output/data
  std::filesystem::path checkpoints;  // checkpoints
  std::filesystem::path failure() const { return output / "failure"; }
};
Tree read_tree(const Environment& environment);

/// Whether the platform has mounted `input`, as it does for every job. False on a machine where no job is.
bool has_input(const Tree& tree);

/// One of the files under input/config as text, without a byte-order mark: "" if it is absent. At most 16 MiB
/// (hyperparameters are limited to 100 entries of 2,756 bytes by the API). Throws UserError naming the file if it is
/// larger, in UTF-16 or not a regular file, and PlatformError if it cannot be read.
std::string read_config_file(const Tree& tree, const std::string& name);

}  // namespace smlt::config
