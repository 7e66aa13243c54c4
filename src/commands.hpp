#pragma once

#include <filesystem>

#include "arguments.hpp"
#include "base/output.hpp"
#include "config/tree.hpp"

namespace smlt {

/// Removes `--model-dir` from the arguments: its value, or the platform's model directory. Throws UserError without
/// one.
std::filesystem::path take_model_directory(Arguments& arguments, const config::Environment& environment);

/// The commands of the program. Each throws smlt::Error; warnings go to `errors`.
void train(Arguments arguments, const config::Environment& environment, Output& output, Output& errors);
void describe(Arguments arguments, Output& output);
void predict(Arguments arguments, const config::Environment& environment, Output& output);

}  // namespace smlt
