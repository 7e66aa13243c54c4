#include "image/resample.hpp"

#include <torch/torch.h>

namespace smlt::image {

at::Tensor resampled(const at::Tensor& pixels, int64_t height, int64_t width, Span rows, Span columns) {
  const at::Tensor source = pixels.contiguous(at::MemoryFormat::ChannelsLast);
  const at::Tensor whole = at::_upsample_bilinear2d_aa(source, {height, width}, /*align_corners=*/false);
  return whole.narrow(2, rows.begin, rows.size).narrow(3, columns.begin, columns.size);
}

}  // namespace smlt::image
