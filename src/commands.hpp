#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/output.hpp"
#include "config/tree.hpp"

namespace smlt {

/// What follows the command's name on the command line.
using Arguments = std::vector<std::string>;

/// Removes `flag` from the arguments; whether it was there.
bool take_flag(Arguments& arguments, const std::string& flag);

/// Removes `--model-dir DIR` from the arguments: DIR, or the platform's model directory. Throws UserError without DIR.
std::filesystem::path take_model_directory(Arguments& arguments, const config::Environment& environment);

/// The commands of the program. Each throws smlt::Error; warnings go to `errors`.
void train(Arguments arguments, const config::Environment& environment, Output& output, Output& errors);
void describe(Arguments arguments, Output& output);
void predict(Arguments arguments, const config::Environment& environment, Output& output);

}  // namespace smlt
