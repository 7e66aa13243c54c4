#pragma once

#include <span>
#include <string>
#include <vector>

#include "platform/tree.hpp"
#include "settings/settings.hpp"

namespace smlt::platform {

/// Everything the user said, before the model, and so its knobs, are known. A name is there once, under the spelling of
/// the source that won: command line, then hyperparameters.json, then SM_HP_*, then SM_HPS. What SageMaker adds for
/// itself (`sagemaker_*`, `_tuning_objective_metric`, `default_user_module_name`) is left out. SM_HPS and
/// hyperparameters.json are JSON objects; a value there that is not a string stands for its JSON text. SM_HP_BATCH_SIZE
/// speaks of `batch_size`. `command_line` holds the tokens of `--NAME VALUE` and `--NAME=VALUE`; a value may start with
/// one '-'. Throws UserError naming the file for anything that is not a JSON object, naming the option for one without
/// a value, naming a token that is no option, and naming both names where one source says two things about one
/// hyperparameter.
std::vector<settings::RawSetting> read_raw_settings(std::span<const std::string> command_line, const Tree& tree,
                                                    const Environment& environment);

}  // namespace smlt::platform
