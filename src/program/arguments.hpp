#pragma once

#include <optional>
#include <string>
#include <vector>

namespace smlt {

/// What follows the command's name on the command line.
using Arguments = std::vector<std::string>;

/// Removes the option `name` ("--model-dir") from the arguments, `--NAME VALUE` and `--NAME=VALUE` alike, with '-' and
/// '_' the same in it: its value, of several the last. Throws UserError for one without a value.
std::optional<std::string> take_option(Arguments& arguments, const std::string& name);

/// Removes `--NAME`, `--NAME=true` and `--NAME=false` from the arguments; whether it was there and not false. Throws
/// UserError for another value.
bool take_flag(Arguments& arguments, const std::string& name);

/// Throws UserError where an option is left that the command does not know.
void refuse_options(const Arguments& arguments);

}  // namespace smlt
