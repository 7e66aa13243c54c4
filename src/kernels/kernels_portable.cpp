// For every processor that LibTorch runs on.

#include "kernels/conv_backward.inc"
#include "kernels/conv_forward.inc"
#include "kernels/linear_kernel.inc"

const smlt::kernels::ConvKernel smlt::kernels::kConvPortable = {scratch_floats, forward, backward};
const smlt::kernels::LinearKernel smlt::kernels::kLinearPortable = {linear_forward, linear_backward};
