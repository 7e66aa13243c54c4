#pragma once

#include <ATen/core/Tensor.h>
#include <ATen/core/ivalue.h>

#include <exception>
#include <functional>
#include <span>
#include <vector>

namespace smlt::serve {

using Forward = std::function<c10::IValue(const at::Tensor&)>;

/// The result for one input: its output, or why there is none.
struct Outcome {
  c10::IValue output;
  std::exception_ptr error;  // null if there is an output
};

/// How much goes through the network at once. If the inputs are small, many together cost little more than one; if they
/// are large, joining gains nothing on a CPU and costs memory.
struct JoinLimits {
  int64_t rows = 32;
  int64_t bytes = int64_t{1} << 20;           // of the input; one row may be larger
  int64_t output_bytes = int64_t{256} << 20;  // of the output for one input

  /// How many rows of this size fit; at least 1.
  int64_t rows_of(int64_t row_bytes) const;
};

/// Runs every input [n, ...] through `forward`, which returns a tensor and whose rows are independent. Inputs whose
/// rows have the same shape and type run together, in pieces within the limits; larger inputs are cut. If a piece
/// fails, or does not return one row for each row, its inputs are run one by one, so that only those fail that fail by
/// themselves; one whose output is too large fails with Refusal (413). The outcomes are in the order of the inputs.
std::vector<Outcome> run_joined(std::span<const at::Tensor> inputs, const Forward& forward, const JoinLimits& limits);

/// Runs each input by itself, unchanged.
std::vector<Outcome> run_apart(std::span<const at::Tensor> inputs, const Forward& forward);

}  // namespace smlt::serve
