#include "tensor/as_tensor.hpp"

#include <torch/torch.h>

#include <utility>

namespace smlt::tensor {

at::Tensor as_tensor(codec::ByteArray array) {
  auto* owner = new codec::ByteArray(std::move(array));
  return torch::from_blob(
      owner->data.data(), owner->shape, [owner](void*) { delete owner; }, torch::kByte);
}

at::Tensor as_tensor(codec::FloatTable table) {
  auto* owner = new codec::FloatTable(std::move(table));
  return torch::from_blob(
      owner->values.data(), {owner->rows, owner->columns}, [owner](void*) { delete owner; }, torch::kFloat);
}

}  // namespace smlt::tensor
