#pragma once

#include <span>
#include <string>
#include <vector>

#include "platform/tree.hpp"
#include "settings/settings.hpp"

namespace smlt::platform {

/// Everything the user set, before the model and its knobs are known. Each name appears once, in the spelling of the
/// source that won: command line, then hyperparameters.json, then SM_HP_*, then SM_HPS. Names that SageMaker adds for
/// itself (`sagemaker_*`, `_tuning_objective_metric`, `default_user_module_name`) is left out. SM_HPS and
/// hyperparameters.json are JSON objects; a value there that is not a string counts as its JSON text. SM_HP_BATCH_SIZE
/// means `batch_size`. `command_line` holds the tokens of `--NAME VALUE` and `--NAME=VALUE`; a value may start with one
/// '-'. Throws UserError that names the file if it is not a JSON object, the option if it has no value, a token that is
/// not an option, or both names if one source sets one hyperparameter to two values.
std::vector<settings::RawSetting> read_raw_settings(std::span<const std::string> command_line, const Tree& tree,
                                                    const Environment& environment);

/// What SageMaker added to hyperparameters.json for itself: `sagemaker_mpi_enabled` and others. Throws as above.
std::vector<settings::RawSetting> read_reserved_settings(const Tree& tree);

}  // namespace smlt::platform
