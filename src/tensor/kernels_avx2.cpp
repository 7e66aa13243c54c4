// For processors with AVX2 and FMA.
#if defined(__x86_64__)
#define SMLT_LANES 8
#define SMLT_REGISTERS 16
#include "tensor/kernel_vectors.inc"
//
#include "tensor/conv_forward.inc"
//
#include "tensor/conv_backward.inc"
#include "tensor/linear_kernel.inc"
#include "tensor/resample_kernel.inc"

const smlt::tensor::ConvKernel smlt::tensor::kConvAvx2 = {scratch_floats, forward, backward};
const smlt::tensor::LinearKernel smlt::tensor::kLinearAvx2 = {linear_forward, linear_backward};
const smlt::tensor::ResampleKernel smlt::tensor::kResampleAvx2 = {resample_along_rows, resample_across_rows,
                                                                  resample_to_planes};

#endif
