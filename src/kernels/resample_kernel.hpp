#pragma once

#include <cstdint>

#include "kernels/processor.hpp"

namespace smlt::kernels {

/// One axis of a resampling in fixed point: output i is the sum of weights[i * stride + k] * input[first[i] + k] over
/// k < taps, rounded at `precision` bits and clamped to a byte. Plain numbers only, as in conv_kernel.hpp.
struct ResampleAxis {
  const int64_t* first;    // the first input of each output; never decreasing, and first[i] + taps is inside
  const int16_t* weights;  // `[outputs, stride]`, zeros after the taps
  int64_t outputs;
  int64_t taps;
  int64_t stride;  // a multiple of 4
  int precision;
};

/// Bytes row by row; `bytes` spans all that may be read.
struct ByteRows {
  const uint8_t* data;
  int64_t rows;
  int64_t stride;
  int64_t bytes;
};

/// The resampling arithmetic, for any processor and for those with AVX2. Nothing is shared, so threads may call
/// concurrently.
struct ResampleKernel {
  /// Each row of pixels of `channels` bytes (1 or 3) to a row of axis.outputs pixels, `to_stride` bytes apart, with
  /// room for 4 bytes more than the pixels.
  void (*along_rows)(const ResampleAxis& axis, int64_t channels, const ByteRows& from, uint8_t* to, int64_t to_stride);
  /// Rows of `width` bytes to axis.outputs contiguous rows of as many.
  void (*across_rows)(const ResampleAxis& axis, const ByteRows& from, int64_t width, uint8_t* to);
  /// Pixels of 3 bytes to three planes.
  void (*to_planes)(const uint8_t* from, int64_t pixels, uint8_t* to);
};

/// The one for a kind of processor, which runs where runs_here(processor).
const ResampleKernel& resample_kernel_of(Processor processor);

extern const ResampleKernel kResamplePortable;
#if defined(__x86_64__)
extern const ResampleKernel kResampleAvx2;
#endif

}  // namespace smlt::kernels
