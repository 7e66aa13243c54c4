#include "train/warnings.hpp"

#include <fmt/format.h>
#include <torch/torch.h>

#include "base/text.hpp"

namespace smlt::train {

std::optional<std::string> one_answer_warning(const model::Evaluation& evaluation, const data::DataSet& data) {
  if (evaluation.rows == 0 || evaluation.only_class < 0 || data.validation.size() == 0) return std::nullopt;
  const at::Tensor& targets = data.validation.targets;
  if (targets.min().equal(targets.max())) return std::nullopt;
  const bool is_raw_table = data.image.mean.empty() && !data.scaling;
  return fmt::format(
      "The network predicts class {} for all {} rows it was evaluated on, which have several classes; try another "
      "learning rate, more epochs or {}.",
      in_quotes(data.labels.at(static_cast<size_t>(evaluation.only_class))), evaluation.rows,
      is_raw_table ? "columns of one scale (standardize=true)" : "more data");
}

}  // namespace smlt::train
