// MobileNetV2 (Sandler et al., Inverted Residuals and Linear Bottlenecks, 2018) as in torchvision.
#include <torch/torch.h>

#include "models/birds/convolution.hpp"
#include "models/birds/net.hpp"

namespace smlt::models::birds {
namespace nn = torch::nn;
namespace {

// Convolution, BatchNorm, ReLU6, under the names they have in torchvision's nn.Sequential.
class ConvBlockImpl : public nn::Module {
 public:
  ConvBlockImpl(int64_t from, int64_t to, int64_t kernel, int64_t stride = 1, int64_t groups = 1)
      : norm_(to),
        conv_(nn::Conv2dOptions(from, to, kernel).stride(stride).padding(kernel / 2).groups(groups).bias(false),
              Activation::kRelu6, norm_) {
    register_module("0", conv_);
    register_module("1", norm_);
  }

  at::Tensor forward(const at::Tensor& input) { return conv_(input); }

 private:
  nn::BatchNorm2d norm_;
  Convolution conv_;
};
TORCH_MODULE(ConvBlock);

class InvertedResidualImpl : public nn::Module {
 public:
  InvertedResidualImpl(int64_t from, int64_t to, int64_t stride, int64_t expansion)
      : adds_input_(stride == 1 && from == to) {
    const int64_t hidden = from * expansion;
    nn::BatchNorm2d norm(to);
    if (expansion != 1) blocks_.push_back(ConvBlock(from, hidden, 1));
    blocks_.push_back(ConvBlock(hidden, hidden, 3, stride, /*groups=*/hidden));
    projection_ = Convolution(nn::Conv2dOptions(hidden, to, 1).bias(false), Activation::kNone, norm);
    nn::Sequential conv;
    for (const ConvBlock& block : blocks_) conv->push_back(block);
    conv->push_back(projection_);
    conv->push_back(norm);
    register_module("conv", conv);
  }

  at::Tensor forward(const at::Tensor& input) {
    at::Tensor x = input;
    for (ConvBlock& block : blocks_) x = block(x);
    x = projection_(x);
    return adds_input_ ? input + x : x;
  }

 private:
  std::vector<ConvBlock> blocks_;
  Convolution projection_ = nullptr;
  bool adds_input_;
};
TORCH_MODULE(InvertedResidual);

struct Stage {
  int64_t expansion, channels, repeats, stride;
};
constexpr Stage kStages[] = {{1, 16, 1, 1}, {6, 24, 2, 2},  {6, 32, 3, 2}, {6, 64, 4, 2},
                             {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1}};

class MobileNet : public Net {
 public:
  MobileNet(const Backbone& backbone, const Head& head) {
    int64_t from = 32;
    features_->push_back(ConvBlock(3, from, 3, /*stride=*/2));
    for (const Stage& stage : kStages) {
      for (int64_t i = 0; i < stage.repeats; ++i) {
        features_->push_back(InvertedResidual(from, stage.channels, i == 0 ? stage.stride : 1, stage.expansion));
        from = stage.channels;
      }
    }
    features_->push_back(ConvBlock(from, 1280, 1));
    register_module("features", features_);
    for (const auto& module : modules(/*include_self=*/false)) {
      if (const auto* conv = module->as<nn::Conv2d>()) nn::init::kaiming_normal_(conv->weight, 0, torch::kFanOut);
    }
    add_head(std::string(backbone.classifier), 1280, head);
  }

 private:
  at::Tensor trunk(const at::Tensor& images) override { return features_->forward(images); }

  nn::Sequential features_;
};

}  // namespace

std::shared_ptr<Net> make_mobilenet(const Backbone& backbone, const Head& head) {
  return std::make_shared<MobileNet>(backbone, head);
}

}  // namespace smlt::models::birds
