#pragma once

#include <functional>

#include "base/ending.hpp"
#include "base/environment.hpp"
#include "base/output.hpp"
#include "program/arguments.hpp"

namespace smlt {

/// The command `train`: a training job, on this host's part of its ranks. Throws smlt::Error; warnings go to `errors`.
/// If the job fails on another rank, `end` is called on another thread: it must end this process with that reason.
void train(Arguments arguments, const Environment& environment, Output& output, Output& errors,
           const std::function<void(const Ending&)>& end);

}  // namespace smlt
