#pragma once

#include <optional>
#include <string>

#include "data/split.hpp"
#include "model/lines.hpp"

namespace smlt::train {

/// A warning, with what to try, if the network predicts one class for all rows of `data.validation` although they have
/// several. Nullopt if it tells rows apart, or if there is nothing to evaluate on.
std::optional<std::string> one_answer_warning(const model::Evaluation& evaluation, const data::DataSet& data);

}  // namespace smlt::train
