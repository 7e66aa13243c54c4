#include "data/as_tensor.hpp"

#include <torch/torch.h>

#include <utility>

namespace smlt::data {

at::Tensor as_tensor(codec::ByteArray array) {
  auto* owner = new codec::ByteArray(std::move(array));
  return torch::from_blob(
      owner->data.data(), owner->shape, [owner](void*) { delete owner; }, torch::kByte);
}

}  // namespace smlt::data
