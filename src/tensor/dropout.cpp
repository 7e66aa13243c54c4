#include "tensor/dropout.hpp"

#include <torch/torch.h>

#include <array>
#include <cmath>

#include "tensor/random.hpp"

namespace smlt::tensor {

at::Tensor DropoutImpl::forward(const at::Tensor& input) {
  if (!is_training() || p_ == 0) return input;
  return input * mask(input);
}

at::Tensor DropoutImpl::mask(const at::Tensor& input) const {
  std::vector<int64_t> shape = input.sizes().vec();
  if (unit_ == Unit::kChannel) std::fill(shape.begin() + 2, shape.end(), 1);
  at::Tensor mask = torch::empty(shape, torch::TensorOptions().dtype(torch::kFloat));
  const int64_t rows = shape[0];
  const int64_t width = rows == 0 ? 0 : mask.numel() / rows;

  const StepRandomness& now = RandomScope::current();
  const uint64_t key =
      stream_key(std::array{now.seed, static_cast<uint64_t>(Purpose::kDropout), layer_, now.epoch, now.step});
  const auto first = static_cast<uint64_t>(now.first_row * width);
  // Compared in 64 bits: p = 0.5 drops exactly half of all numbers.
  const auto dropped_below = static_cast<uint64_t>(std::ldexp(p_, 64));
  const float kept = static_cast<float>(1 / (1 - p_));
  float* out = mask.mutable_data_ptr<float>();
  for (int64_t i = 0; i < rows * width; ++i) {
    out[i] = random_bits(key, first + static_cast<uint64_t>(i)) < dropped_below ? 0.0f : kept;
  }
  return mask.to(input.options());
}

}  // namespace smlt::tensor
