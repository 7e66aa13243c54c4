#pragma once

#include <span>
#include <string>
#include <vector>

#include "settings/settings.hpp"

namespace smlt::settings {

/// The options of a command line in order, each name as written: `--NAME VALUE` and `--NAME=VALUE`, where VALUE may
/// start with one '-'. Which names exist is not known yet. Throws UserError naming a token that is not an option, or an
/// option without a value.
std::vector<RawSetting> read_command_line(std::span<const std::string> tokens);

}  // namespace smlt::settings
