#pragma once

#include <cstdint>

#include "kernels/processor.hpp"

namespace smlt::kernels {

/// The sizes of x * weight^T + bias, with or without a ReLU after it. Plain numbers only, as in conv_kernel.hpp.
struct LinearShape {
  int64_t samples;  // N
  int64_t inputs;
  int64_t outputs;
  bool relu;
};

/// The layer's arithmetic, once per kind of processor. Rows are contiguous: `input` `[N, inputs]`, `weight` `[outputs,
/// inputs]`, `output` and its gradient `[N, outputs]`. Nothing is shared, so threads may call concurrently.
struct LinearKernel {
  void (*forward)(const LinearShape& shape, const float* input, const float* weight, const float* bias, float* output);
  /// `output` is read only if there is a ReLU; `grad_input` may be null if it is not wanted; `scratch` holds N *
  /// outputs floats.
  void (*backward)(const LinearShape& shape, const float* input, const float* weight, const float* output,
                   const float* grad_output, float* grad_input, float* grad_weight, float* grad_bias, float* scratch);
};

/// The one for a kind of processor, which runs where runs_here(processor).
const LinearKernel& linear_kernel_of(Processor processor);

extern const LinearKernel kLinearPortable;
#if defined(__x86_64__)
extern const LinearKernel kLinearAvx2;
extern const LinearKernel kLinearAvx512;
#endif

}  // namespace smlt::kernels
