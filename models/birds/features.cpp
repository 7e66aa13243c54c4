#include "models/birds/features.hpp"

#include <ATen/Parallel.h>
#include <torch/torch.h>

#include <algorithm>

#include "models/birds/images.hpp"
#include "tensor/shards.hpp"

namespace smlt::models::birds {

at::Tensor features_of(Net& net, const image::ImageStore& images) {
  constexpr int64_t kPieceRows = 8;
  const int64_t pieces = (images.size() + kPieceRows - 1) / kPieceRows;
  const c10::Device device = tensor::device_of(net);
  std::vector<at::Tensor> features(static_cast<size_t>(pieces));
  tensor::for_each_shard(pieces, at::get_num_threads(), [&](int64_t piece) {
    const torch::NoGradGuard no_grad;
    const int64_t first = piece * kPieceRows;
    const at::Tensor rows = torch::arange(first, std::min(first + kPieceRows, images.size()));
    features[static_cast<size_t>(piece)] = net.features(served_batch(images, rows, false).to(device)).cpu();
  });
  return torch::cat(features);
}

}  // namespace smlt::models::birds
