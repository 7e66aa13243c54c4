#pragma once

#include "models/model.hpp"

namespace smlt::train {

/// Losses and hits of `net`, in eval mode, over every row of `split`, which has at least one. The mode is put back
/// afterwards.
Evaluation evaluate(const models::Model& model, tensor::Net& net, const data::DataSet& data, const data::Split& split);

}  // namespace smlt::train
