#pragma once

#include <cstdint>

#include "kernels/processor.hpp"

namespace smlt::kernels {

/// The sizes of a block relu(max_pool2d(conv2d(x, w, b), 2)): stride 1, no padding, `kernel` x `kernel` taps. Plain
/// numbers only: the kernels are compiled for other processors, and an inline function shared with them could leak.
struct ConvShape {
  int64_t samples;        // N
  int64_t channels;       // C of the input
  int64_t height, width;  // of the input
  int64_t filters;        // C of the output
  int64_t kernel;         // at most kLargestKernel
  int64_t pooled_height;  // (height - kernel + 1) / 2, rounded down as max_pool2d does; at least 1
  int64_t pooled_width;
};

constexpr int64_t kLargestKernel = 11;

/// How many floats, or bytes of choices, vectors may read or write past the end of a buffer: the widest vector.
constexpr int64_t kVectorSlack = 16;

/// The block's arithmetic, once per kind of processor. Samples are innermost: images are `[C, H, W, N]`, weights
/// `[filters, channels, kernel, kernel]`. `input` and `choices` are followed by kVectorSlack readable values. `choices`
/// (`[filters, pooled_height, pooled_width, N]`) says which of its four pixels, 0 to 3 row by row, each maximum was, or
/// 4 if the ReLU is closed. `scratch` holds `scratch_floats(shape)`; nothing else is shared, so threads may call
/// concurrently.
struct ConvKernel {
  int64_t (*scratch_floats)(const ConvShape& shape);
  void (*forward)(const ConvShape& shape, const float* input, const float* weight, const float* bias, float* output,
                  uint8_t* choices, float* scratch);
  /// `grad_input` may be null if it is not wanted.
  void (*backward)(const ConvShape& shape, const float* input, const float* weight, const uint8_t* choices,
                   const float* grad_output, float* grad_input, float* grad_weight, float* grad_bias, float* scratch);
};

/// The one for a kind of processor, which runs where runs_here(processor).
const ConvKernel& conv_kernel_of(Processor processor);

extern const ConvKernel kConvPortable;
#if defined(__x86_64__)
extern const ConvKernel kConvAvx2;
extern const ConvKernel kConvAvx512;
#endif

}  // namespace smlt::kernels
