#include "tensor/memory_layout.hpp"

#include <torch/torch.h>

#include <algorithm>

#include "kernels/conv_kernel.hpp"

namespace smlt::tensor {
namespace {

bool has_slack(const at::Tensor& t) {
  const auto values = static_cast<int64_t>(t.storage().nbytes()) / t.element_size();
  return t.storage_offset() + t.numel() + kernels::kVectorSlack <= values;
}

// Copies contiguous [rows, columns] to [columns, rows], both a piece at a time so that neither leaves the cache between
// two uses.
void transpose(const float* from, int64_t rows, int64_t columns, float* to) {
  constexpr int64_t kPiece = 16;
  for (int64_t first = 0; first < columns; first += kPiece) {
    const int64_t end = std::min(first + kPiece, columns);
    for (int64_t row = 0; row < rows; ++row) {
      for (int64_t i = first; i < end; ++i) to[i * rows + row] = from[row * columns + i];
    }
  }
}

}  // namespace

bool is_float_on_cpu(const at::Tensor& tensor) {
  return tensor.is_cpu() && tensor.scalar_type() == at::kFloat && tensor.layout() == at::kStrided;
}

at::Tensor empty_samples_innermost(at::IntArrayRef sizes, at::ScalarType type) {
  const int64_t n = sizes[0], c = sizes[1], h = sizes[2], w = sizes[3];
  const at::Tensor memory = at::empty({n * c * h * w + kernels::kVectorSlack}, type);
  return memory.as_strided(sizes, {1, h * w * n, w * n, n});
}

at::Tensor samples_innermost(const at::Tensor& t, bool needs_slack) {
  if (t.permute({1, 2, 3, 0}).is_contiguous() && (!needs_slack || has_slack(t))) return t;
  at::Tensor copy = empty_samples_innermost(t.sizes(), t.scalar_type());
  if (t.is_contiguous()) {
    transpose(t.const_data_ptr<float>(), t.size(0), t.numel() / t.size(0), copy.mutable_data_ptr<float>());
  } else {
    copy.copy_(t);
  }
  return copy;
}

at::Tensor samples_outermost(const at::Tensor& t) {
  if (t.is_contiguous()) return t;
  if (!t.t().is_contiguous()) return t.contiguous();
  at::Tensor copy = at::empty(t.sizes(), at::kFloat);
  transpose(t.const_data_ptr<float>(), t.size(1), t.size(0), copy.mutable_data_ptr<float>());
  return copy;
}

}  // namespace smlt::tensor
