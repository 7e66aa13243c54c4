#include "cluster/direct_sum.hpp"

#include <ATen/ops/zeros.h>
#include <c10/core/GradMode.h>

#include <cstdint>

namespace smlt::cluster {
namespace {

// Bytes that are sent whole to every other rank, which takes one round instead of two.
constexpr size_t kTiny = 1 << 12;

at::Tensor sum_of_rows(const at::Tensor& rows) {
  const at::Tensor sum = rows[0].clone();
  for (int64_t i = 1; i < rows.size(0); ++i) sum.add_(rows[i]);
  return sum;
}

}  // namespace

// gloo's own alltoall asks for the rows of others after it has begun to send: on a slow link the question waits behind
// the rows. So this one asks first.
std::vector<c10::intrusive_ptr<c10d::Work>> start_exchange(c10d::Backend& backend, int rank, const at::Tensor& sent,
                                                           const at::Tensor& received, int tag) {
  const auto ranks = static_cast<int>(sent.size(0));
  received[rank].copy_(sent[rank]);
  std::vector<c10::intrusive_ptr<c10d::Work>> works;
  for (int i = 1; i < ranks; ++i) {
    const int from = (rank + ranks - i) % ranks;
    std::vector<at::Tensor> row = {received[from]};
    works.push_back(backend.recv(row, from, tag));
  }
  for (int i = 1; i < ranks; ++i) {
    const int to = (rank + i) % ranks;
    std::vector<at::Tensor> row = {sent[to]};
    works.push_back(backend.send(row, to, tag));
  }
  return works;
}

void sum_directly(const at::Tensor& tensor, int ranks, const Exchange& exchange) {
  const at::NoGradGuard no_grad;
  const at::Tensor numbers = tensor.view({-1});
  const int64_t size = numbers.size(0);
  if (ranks == 2 || tensor.nbytes() <= kTiny) {
    numbers.copy_(sum_of_rows(exchange(numbers.expand({ranks, size}))));
    return;
  }
  const int64_t part = (size + ranks - 1) / ranks;
  const at::Tensor padded = at::zeros({ranks * part}, numbers.options());
  padded.narrow(0, 0, size).copy_(numbers);
  const at::Tensor sum = sum_of_rows(exchange(padded.view({ranks, part})));
  numbers.copy_(exchange(sum.expand({ranks, part})).view({-1}).narrow(0, 0, size));
}

}  // namespace smlt::cluster
