#pragma once

#include <filesystem>

#include "base/output.hpp"
#include "platform/tree.hpp"
#include "program/arguments.hpp"

namespace smlt {

/// Removes `--model-dir` from the arguments; returns its value, or the platform's model directory. Throws UserError if
/// there is neither.
std::filesystem::path take_model_directory(Arguments& arguments, const Environment& environment);

/// The commands of the program. Each throws smlt::Error.
void describe(Arguments arguments, Output& output);
void predict(Arguments arguments, const Environment& environment, Output& output);

}  // namespace smlt
