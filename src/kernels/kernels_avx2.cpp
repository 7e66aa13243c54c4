// For processors with AVX2 and FMA.
#if defined(__x86_64__)
#include "kernels/conv_backward.inc"
#include "kernels/conv_forward.inc"
#include "kernels/linear_kernel.inc"

const smlt::kernels::ConvKernel smlt::kernels::kConvAvx2 = {scratch_floats, forward, backward};
const smlt::kernels::LinearKernel smlt::kernels::kLinearAvx2 = {linear_forward, linear_backward};

#endif
