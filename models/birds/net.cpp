#include "models/birds/net.hpp"

#include <torch/torch.h>

#include <optional>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "models/birds/convolution.hpp"
#include "tensor/dropout.hpp"
#include "tensor/shards.hpp"

namespace smlt::models::birds {
namespace nn = torch::nn;
namespace {

constexpr int64_t kHidden = 256;

std::vector<ConvolutionImpl*> convolutions_in(const torch::nn::Module& net) {
  std::vector<ConvolutionImpl*> found;
  for (const auto& module : net.modules()) {
    if (auto* convolution = dynamic_cast<ConvolutionImpl*>(module.get())) found.push_back(convolution);
  }
  return found;
}

const Backbone& backbone_called(std::string_view name) {
  for (const Backbone& backbone : kBackbones) {
    if (backbone.name == name) return backbone;
  }
  throw AlgorithmError("Expected the name of a backbone, found '{}'.", name);
}

at::Tensor pooled(const at::Tensor& images) { return torch::adaptive_avg_pool2d(images, {1, 1}).flatten(1); }

}  // namespace

at::Tensor Net::features(const at::Tensor& images) {
  if (frozen_ && is_training() && images.is_cpu()) return packed_features(images);
  const std::optional<torch::NoGradGuard> no_grad = frozen_ ? std::make_optional<torch::NoGradGuard>() : std::nullopt;
  return pooled(in_bfloat16_ ? trunk(tensor::to_bfloat16(images)).to(torch::kFloat) : trunk(images));
}

// A few images per thread at a time: their activations stay in its cache and take little memory.
at::Tensor Net::packed_features(const at::Tensor& images) {
  constexpr int64_t kPieceRows = 8;
  const std::vector<at::Tensor> pieces = images.split(kPieceRows);
  std::vector<at::Tensor> features(pieces.size());
  tensor::for_each_shard(std::ssize(pieces), at::get_num_threads(), [&](int64_t i) {
    const torch::NoGradGuard no_grad;
    const auto piece = static_cast<size_t>(i);
    features[piece] = pooled(trunk(pieces[piece].to(*frozen_)).to(torch::kFloat));
  });
  return torch::cat(features);
}

void Net::freeze_trunk(at::ScalarType type) {
  frozen_ = tensor::device_of(*this).is_cpu() ? type : at::kFloat;
  for (ConvolutionImpl* convolution : convolutions_in(*this)) convolution->pack(type);
  train(is_training());
}

void Net::unfreeze_trunk() {
  frozen_.reset();
  for (ConvolutionImpl* convolution : convolutions_in(*this)) convolution->unpack();
  train(is_training());
}

void Net::train(bool on) {
  torch::nn::Module::train(on);
  if (!frozen_) return;
  for (const auto& child : named_children()) {
    if (child.key() != head_name_) child.value()->train(false);
  }
  for (ConvolutionImpl* convolution : convolutions_in(*this)) convolution->use_packed(on);
}

tensor::PackedLayers Net::pack(at::ScalarType type) {
  if (!tensor::device_of(*this).is_cpu() || !at::hasMKLDNN()) return {};
  tensor::PackedLayers packed;
  for (ConvolutionImpl* convolution : convolutions_in(*this)) {
    convolution->pack(type);
    convolution->use_packed(true);
    packed.bytes += convolution->weight.numel() * static_cast<int64_t>(c10::elementSize(type));
    ++packed.number;
  }
  in_bfloat16_ = type == at::kBFloat16;
  return packed;
}

void Net::unpack() {
  for (ConvolutionImpl* convolution : convolutions_in(*this)) convolution->unpack();
  in_bfloat16_ = false;
}

void Net::add_head(std::string name, int64_t features, const Head& head) {
  head_name_ = std::move(name);
  for (int64_t layer = 0; layer < head.hidden_layers; ++layer) {
    head_->push_back(nn::Linear(features, kHidden));
    head_->push_back(nn::ReLU());
    head_->push_back(tensor::Dropout(head.dropout, /*layer=*/static_cast<uint64_t>(layer) + 1));
    features = kHidden;
  }
  head_->push_back(nn::Linear(features, head.classes));
  head_->push_back(nn::LogSoftmax(/*dim=*/1));
  register_module(head_name_, head_);
}

std::string head_name(const std::string& backbone) { return std::string(backbone_called(backbone).classifier); }

std::shared_ptr<Net> make_net(const std::string& backbone, const Head& head) {
  const Backbone& found = backbone_called(backbone);
  switch (found.family) {
    case Backbone::Family::kResNet:
      return make_resnet(found, head);
    case Backbone::Family::kSqueezeNet:
      return make_squeezenet(found, head);
    case Backbone::Family::kMobileNet:
      break;
  }
  return make_mobilenet(found, head);
}

}  // namespace smlt::models::birds
