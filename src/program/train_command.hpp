#pragma once

#include <functional>

#include "base/ending.hpp"
#include "base/environment.hpp"
#include "base/output.hpp"
#include "program/arguments.hpp"

namespace smlt {

/// What the program does about a failed job with several ranks.
struct OnFailure {
  std::function<void(const Ending&)> keep;  // writes the reason down, before the others are told
  std::function<void(const Ending&)> end;   // ends this process, which may be on another thread, with the reason
};

/// The command `train`: a training job, on this host's part of its ranks. Throws smlt::Error; warnings go to `errors`.
void train(Arguments arguments, const Environment& environment, Output& output, Output& errors,
           const OnFailure& on_failure);

}  // namespace smlt
