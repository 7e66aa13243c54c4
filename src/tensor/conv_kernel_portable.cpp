// What every processor runs that LibTorch runs on.

#define SMLT_LANES 4
#define SMLT_REGISTERS 16
#include "tensor/conv_kernel.inc"

const smlt::tensor::ConvKernel smlt::tensor::kConvPortable = {scratch_floats, forward, backward};
