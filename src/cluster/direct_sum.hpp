#pragma once

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <functional>
#include <torch/csrc/distributed/c10d/Backend.hpp>
#include <vector>

namespace smlt::cluster {

/// In bytes. Up to here the ring that gloo sums by mostly waits for the network: it takes 2 (N - 1) rounds.
inline constexpr size_t kLargestDirectSum = 1 << 20;

/// One round: row r of a tensor `[ranks, n]` goes to rank r. Returns what came from each, in the order of the ranks.
using Exchange = std::function<at::Tensor(const at::Tensor& rows)>;

/// Begins a round between ranks of which this is `rank`: row r of `sent` goes to rank r, and what comes from it will be
/// row r of `received`. Both are contiguous and must outlive the works, of which every one is to be waited for.
std::vector<c10::intrusive_ptr<c10d::Work>> start_exchange(c10d::Backend& backend, int rank, const at::Tensor& sent,
                                                           const at::Tensor& received, int tag);

/// Sums a contiguous tensor over the ranks in one or two rounds, in place: every rank adds up its part of the numbers,
/// in the order of the ranks, and sends the others the sum. So all get the same bits, every time.
void sum_directly(const at::Tensor& tensor, int ranks, const Exchange& exchange);

}  // namespace smlt::cluster
