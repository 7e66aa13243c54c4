#include "kernels/conv_kernel.hpp"
#include "kernels/linear_kernel.hpp"

namespace smlt::kernels {

const ConvKernel& conv_kernel_of([[maybe_unused]] Processor processor) {
#if defined(__x86_64__)
  if (processor == Processor::kAvx512) return kConvAvx512;
  if (processor == Processor::kAvx2) return kConvAvx2;
#endif
  return kConvPortable;
}

const LinearKernel& linear_kernel_of([[maybe_unused]] Processor processor) {
#if defined(__x86_64__)
  if (processor == Processor::kAvx512) return kLinearAvx512;
  if (processor == Processor::kAvx2) return kLinearAvx2;
#endif
  return kLinearPortable;
}

}  // namespace smlt::kernels
