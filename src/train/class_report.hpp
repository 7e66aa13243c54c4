#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <vector>

#include "train/step.hpp"

namespace smlt::train {

/// How many rows of each class (first index) the network, in eval mode, predicts as each class (second index): int64
/// `[C, C]`.
at::Tensor confusion_matrix(const StepContext& context, const data::Split& split);

/// One log line per class with its accuracy, and one with the most frequent mistakes.
std::vector<std::string> class_lines(const at::Tensor& confusion, const std::vector<std::string>& labels);

/// {"labels": [...], "class_accuracy": [...], "confusion_matrix": [[...]]}, with null as the accuracy of a class
/// without rows.
boost::json::object class_json(const at::Tensor& confusion, const std::vector<std::string>& labels);

}  // namespace smlt::train
