#pragma once

#include <optional>
#include <string>

#include "data/split.hpp"
#include "model/lines.hpp"

namespace smlt::train {

/// What to say if the network takes all rows of `data.validation` for one class although they are of several, with what
/// to try. Nullopt if it tells rows apart, or if there is nothing to evaluate on.
std::optional<std::string> one_answer_warning(const model::Evaluation& evaluation, const data::DataSet& data);

}  // namespace smlt::train
