#pragma once

#include "train/step.hpp"

namespace smlt::train {

/// Losses and hits of the network, in eval mode, over every row of `split`, which has at least one. Sharded as the plan
/// says. The mode is restored afterwards.
model::Evaluation evaluate(const StepContext& context, const data::Split& split);

}  // namespace smlt::train
