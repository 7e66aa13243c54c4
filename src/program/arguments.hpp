#pragma once

#include <optional>
#include <string>
#include <vector>

namespace smlt {

/// What follows the command's name on the command line.
using Arguments = std::vector<std::string>;

/// Removes the option `name` ("--model-dir") from the arguments, as `--NAME VALUE` or `--NAME=VALUE`, with '-' and '_'
/// equivalent, and returns its value, the last one of several. Throws UserError for an option without a value.
std::optional<std::string> take_option(Arguments& arguments, const std::string& name);

/// Removes `--NAME`, `--NAME=true` and `--NAME=false` from the arguments; returns whether it was there and not false.
/// Throws UserError for any other value.
bool take_flag(Arguments& arguments, const std::string& name);

/// Throws UserError if an option is left that the command does not know.
void refuse_options(const Arguments& arguments);

}  // namespace smlt
