#include "model/model.hpp"

#include <torch/torch.h>

#include "image/pixel_rows.hpp"

namespace smlt::model {

data::Batch Model::batch(const data::DataSet& data, const data::Split& split, const at::Tensor& rows) const {
  const bool is_image = split.inputs.scalar_type() == torch::kByte;
  const at::Tensor inputs =
      is_image ? image::normalized_rows(split.inputs, rows, data.image) : split.inputs.index_select(0, rows);
  return {inputs, split.targets.index_select(0, rows)};
}

at::Tensor Model::loss(const at::Tensor& output, const at::Tensor& targets) const {
  return torch::nn::functional::cross_entropy(output, targets);
}

}  // namespace smlt::model
