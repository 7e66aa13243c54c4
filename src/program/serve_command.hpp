#pragma once

#include <string>

#include "program/commands.hpp"

namespace smlt {

/// Serves the model until SIGTERM or SIGINT, then ends the process with code 0 when the requests in flight are
/// answered. Throws smlt::Error when a setting, the port or the model is not right, and when the GPU fails.
void serve(Arguments arguments, const Environment& environment, Output& output);

/// The text of `serve --help`.
std::string serve_help();

}  // namespace smlt
