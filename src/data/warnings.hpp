#pragma once

#include <string>
#include <vector>

#include "data/split.hpp"

namespace smlt::data {

/// What looks wrong with a job's data, whatever the model, as one sentence each with what to do about it: nearly one
/// class per training row, classes with a single training row or none, images of one colour. Empty for sound data.
/// Throws UserError if all training rows have the same class: there is nothing to tell apart.
std::vector<std::string> warnings(const DataSet& data);

}  // namespace smlt::data
