// What every processor runs that LibTorch runs on.

#define SMLT_LANES 4
#define SMLT_REGISTERS 16
#include "tensor/kernel_vectors.inc"
//
#include "tensor/conv_forward.inc"
//
#include "tensor/conv_backward.inc"
#include "tensor/linear_kernel.inc"
#include "tensor/resample_kernel.inc"

const smlt::tensor::ConvKernel smlt::tensor::kConvPortable = {scratch_floats, forward, backward};
const smlt::tensor::LinearKernel smlt::tensor::kLinearPortable = {linear_forward, linear_backward};
const smlt::tensor::ResampleKernel smlt::tensor::kResamplePortable = {resample_along_rows, resample_across_rows,
                                                                      resample_to_planes};
