#pragma once

#include <string>

#include "program/commands.hpp"

namespace smlt {

/// Serves the model until SIGTERM or SIGINT, then ends the process with code 0 once the requests in flight are
/// answered. Throws smlt::Error if a setting, the port or the model is wrong, and if the GPU fails.
void serve(Arguments arguments, const Environment& environment, Output& output);

/// The text of `serve --help`.
std::string serve_help();

}  // namespace smlt
