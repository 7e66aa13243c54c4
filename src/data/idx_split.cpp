#include "data/idx_split.hpp"

#include <torch/torch.h>

#include <utility>

#include "base/error.hpp"
#include "base/text.hpp"
#include "tensor/as_tensor.hpp"

namespace smlt::data {

Split idx_split(datasets::IdxReading& reading) {
  const datasets::IdxPair& pair = reading.pair;
  codec::ByteArray labels = reading.labels.take();
  codec::ByteArray images = reading.images.take();
  if (images.shape[0] != labels.shape[0]) {
    throw UserError(
        "Expected a label for each image, found {} images in {} and {} labels in {}; replace the file that "
        "does not belong to the other.",
        images.shape[0], in_quotes(pair.images.native(), 200), labels.shape[0], in_quotes(pair.labels.native(), 200));
  }
  if (images.shape[0] == 0) throw UserError("Expected images in {}, found none.", in_quotes(pair.images.native(), 200));
  return {tensor::as_tensor(std::move(images)).unsqueeze(1), tensor::as_tensor(std::move(labels)).to(torch::kLong)};
}

}  // namespace smlt::data
