#include "models/birds/trunk.hpp"

#include <ATen/Parallel.h>
#include <ATen/autocast_mode.h>
#include <torch/torch.h>

#include <algorithm>

#include "models/birds/images.hpp"
#include "tensor/shards.hpp"

namespace smlt::models::birds {
namespace {

constexpr int64_t kPieceRows = 8;

}  // namespace

Bfloat16::Bfloat16(bool on, c10::DeviceType device)
    : device_(device), was_on_(at::autocast::is_autocast_enabled(device)) {
  at::autocast::set_autocast_enabled(device, on);
  at::autocast::set_autocast_dtype(device, at::kBFloat16);
}

Bfloat16::~Bfloat16() {
  at::autocast::set_autocast_enabled(device_, was_on_);
  at::autocast::clear_cache();
}

at::Tensor features_of(Net& net, const data::ImageStore& images, bool in_bfloat16) {
  const int64_t pieces = (images.size() + kPieceRows - 1) / kPieceRows;
  const c10::Device device = tensor::device_of(net);
  std::vector<at::Tensor> features(static_cast<size_t>(pieces));
  tensor::for_each_shard(pieces, at::get_num_threads(), [&](int64_t piece) {
    const torch::NoGradGuard no_grad;
    const Bfloat16 scope(in_bfloat16, device.type());
    const int64_t first = piece * kPieceRows;
    const at::Tensor rows = torch::arange(first, std::min(first + kPieceRows, images.size()));
    features[static_cast<size_t>(piece)] =
        net.features(served_batch(images, rows, false).to(device)).to(at::kCPU, torch::kFloat);
  });
  return torch::cat(features);
}

}  // namespace smlt::models::birds
