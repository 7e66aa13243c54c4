// For processors with AVX-512 (F, VL, BW, DQ).
#if defined(__x86_64__)
#include "kernels/conv_backward.inc"
#include "kernels/conv_forward.inc"
#include "kernels/linear_kernel.inc"

const smlt::kernels::ConvKernel smlt::kernels::kConvAvx512 = {scratch_floats, forward, backward};
const smlt::kernels::LinearKernel smlt::kernels::kLinearAvx512 = {linear_forward, linear_backward};

#endif
