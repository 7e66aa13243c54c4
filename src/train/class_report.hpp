#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <vector>

#include "train/step.hpp"

namespace smlt::train {

/// How many rows of each class (the first index) the network, in eval mode, takes for each (the second): int64 `[C,
/// C]`.
at::Tensor confusion_matrix(const StepContext& context, const data::Split& split);

/// A line a class with its accuracy, for the log, and one with the most frequent mistakes.
std::vector<std::string> class_lines(const at::Tensor& confusion, const std::vector<std::string>& labels);

/// {"labels": [...], "class_accuracy": [...], "confusion_matrix": [[...]]}, the accuracy of a class without rows null.
boost::json::object class_json(const at::Tensor& confusion, const std::vector<std::string>& labels);

}  // namespace smlt::train
