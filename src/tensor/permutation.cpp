#include "tensor/permutation.hpp"

#include <torch/torch.h>

#include <array>
#include <utility>

#include "tensor/random.hpp"

namespace smlt::tensor {
namespace {

// Uniform in 0..bound-1 by multiplication (Lemire: Fast Random Integer Generation in an Interval, 2019). The bias of
// bound / 2^64 is far below what any training could see.
uint64_t below(uint64_t bits, uint64_t bound) {
  __extension__ using Wide = unsigned __int128;
  return static_cast<uint64_t>((static_cast<Wide>(bits) * bound) >> 64);
}

}  // namespace

at::Tensor permutation(int64_t size, uint64_t seed, uint64_t epoch, Purpose purpose) {
  at::Tensor rows = torch::arange(size, torch::kLong);
  int64_t* data = rows.mutable_data_ptr<int64_t>();
  const uint64_t key = stream_key(std::array{seed, static_cast<uint64_t>(purpose), epoch});
  for (int64_t i = size - 1; i > 0; --i) {
    const auto j = below(random_bits(key, static_cast<uint64_t>(i)), static_cast<uint64_t>(i) + 1);
    std::swap(data[i], data[j]);
  }
  return rows;
}

}  // namespace smlt::tensor
