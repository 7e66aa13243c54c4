#include "train/evaluate.hpp"

#include <torch/torch.h>

#include <algorithm>

namespace smlt::train {

Evaluation evaluate(const models::Model& model, tensor::Net& net, const data::DataSet& data, const data::Split& split) {
  const torch::NoGradGuard no_grad;
  const bool was_training = net.is_training();
  net.eval();
  Evaluation result;
  for (int64_t first = 0; first < split.size(); first += model.evaluation_batch_size()) {
    const int64_t end = std::min(first + model.evaluation_batch_size(), split.size());
    const data::Batch batch = model.batch(data, split, torch::arange(first, end));
    const at::Tensor output = net.forward(batch.inputs);
    const double loss = model.loss(output, batch.targets).item<double>();
    result.rows += batch.size();
    result.loss_sum += loss * static_cast<double>(batch.size());
    result.correct += (output.argmax(1) == batch.targets).sum().item<int64_t>();
  }
  net.train(was_training);
  return result;
}

}  // namespace smlt::train
