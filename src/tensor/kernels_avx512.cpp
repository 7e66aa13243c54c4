// For processors with AVX-512 (F, VL, BW, DQ).
#if defined(__x86_64__)
#define SMLT_LANES 16
#define SMLT_REGISTERS 32
#include "tensor/kernel_vectors.inc"
//
#include "tensor/conv_forward.inc"
//
#include "tensor/conv_backward.inc"
#include "tensor/linear_kernel.inc"

const smlt::tensor::ConvKernel smlt::tensor::kConvAvx512 = {scratch_floats, forward, backward};
const smlt::tensor::LinearKernel smlt::tensor::kLinearAvx512 = {linear_forward, linear_backward};

#endif
