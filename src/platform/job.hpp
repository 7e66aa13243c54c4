#pragma once

#include <span>
#include <string>
#include <vector>

#include "platform/channel.hpp"
#include "platform/cluster.hpp"
#include "platform/tree.hpp"
#include "settings/settings.hpp"

namespace smlt::platform {

/// Everything the platform and the user said about one job; read once, never changed.
struct Job {
  Environment environment;
  Tree tree;
  std::vector<Channel> channels;
  Cluster cluster;
  std::vector<settings::RawSetting> raw;
  std::vector<settings::RawSetting> reserved;  // what SageMaker added for itself
};

/// Reads the /opt/ml tree, the environment and the command line (platform 2 to 5). The paths that the tutorials'
/// scripts take as options (`data-dir`, `model-dir`, `train`, `hosts`, ...) take effect here.
Job read_job(std::span<const std::string> command_line, Environment environment);

/// The options of the tutorials' scripts that name paths and hosts, accepted by every model.
std::vector<settings::Knob> script_knobs();

}  // namespace smlt::platform
