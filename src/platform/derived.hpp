#pragma once

#include <span>

#include "platform/channel.hpp"
#include "platform/cluster.hpp"
#include "settings/settings.hpp"

namespace smlt::platform {

/// The SM_* variables that AWS's training toolkit would export for this job (platform 4), with each SM_HP_ name also in
/// the spelling of the V3 driver (`-` as `_`), and that driver's SM_INPUT_DATA_DIR, SM_OUTPUT_FAILURE, SM_MASTER_ADDR
/// (the first host), SM_MASTER_PORT, SM_HOST_COUNT and SM_CURRENT_HOST_RANK. A variable that `environment` already sets
/// keeps its value. SM_NUM_GPUS is 0 unless set: this room cannot see devices. SM_NUM_CPUS is the machine's, not the
/// cgroup's. Left out, since they describe a Python program or AWS's launchers: SM_USER_ENTRY_POINT, SM_MODULE_NAME,
/// SM_MODULE_DIR, SM_FRAMEWORK_MODULE, SM_FRAMEWORK_PARAMS, SM_TRAINING_ENV, SM_DISTRIBUTION_INSTANCE_GROUPS,
/// SM_NUM_NEURONS, and V3's SM_SOURCE_DIR, SM_ENTRY_SCRIPT, SM_DISTRIBUTED_*. A name or value that no environment can
/// hold ('=' in the name, NUL) is left out too. Throws UserError if a file under input/config is not a JSON object.
Environment derived_variables(const Tree& tree, std::span<const Channel> channels, const Cluster& cluster,
                              std::span<const settings::RawSetting> settings, const Environment& environment);

}  // namespace smlt::platform
