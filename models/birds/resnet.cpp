// ResNet (He et al., Deep Residual Learning for Image Recognition, 2015) as in torchvision: a bottleneck's stride is in
// its 3x3 convolution.
#include <torch/torch.h>

#include <array>

#include "models/birds/convolution.hpp"
#include "models/birds/net.hpp"

namespace smlt::models::birds {
namespace nn = torch::nn;
namespace {

constexpr int64_t kExpansion = 4;  // of a bottleneck

nn::Conv2dOptions conv_options(int64_t from, int64_t to, int64_t kernel, int64_t stride) {
  return nn::Conv2dOptions(from, to, kernel).stride(stride).padding(kernel / 2).bias(false);
}

// Two 3x3 convolutions, or a 1x1, a 3x3 and a 1x1, with the input passed around them.
class BlockImpl : public nn::Module {
 public:
  BlockImpl(int64_t from, int64_t width, int64_t stride, bool is_bottleneck) {
    if (is_bottleneck) {
      add(from, width, 1, 1, Activation::kRelu);
      add(width, width, 3, stride, Activation::kRelu);
      add(width, width * kExpansion, 1, 1, Activation::kNone);
    } else {
      add(from, width, 3, stride, Activation::kRelu);
      add(width, width, 3, 1, Activation::kNone);
    }
    const int64_t to = is_bottleneck ? width * kExpansion : width;
    if (stride == 1 && from == to) return;
    nn::BatchNorm2d norm(to);
    downsample_ = Convolution(conv_options(from, to, 1, stride), Activation::kNone, norm);
    register_module("downsample", nn::Sequential(downsample_, norm));
  }

  at::Tensor forward(const at::Tensor& input) {
    at::Tensor x = input;
    for (size_t i = 0; i + 1 < convolutions_.size(); ++i) x = convolutions_[i](x);
    return convolutions_.back()->add_relu(x, downsample_.is_empty() ? input : downsample_(input));
  }

 private:
  void add(int64_t from, int64_t to, int64_t kernel, int64_t stride, Activation activation) {
    const std::string number = std::to_string(convolutions_.size() + 1);
    nn::BatchNorm2d norm(to);
    convolutions_.push_back(
        register_module("conv" + number, Convolution(conv_options(from, to, kernel, stride), activation, norm)));
    register_module("bn" + number, norm);
  }

  std::vector<Convolution> convolutions_;
  Convolution downsample_ = nullptr;
};
TORCH_MODULE(Block);

class ResNet : public Net {
 public:
  ResNet(const Backbone& backbone, const Head& head) {
    register_module("conv1", conv1_);
    register_module("bn1", bn1_);
    int64_t from = 64;
    for (size_t i = 0; i < layers_.size(); ++i) {
      const int64_t width = int64_t{64} << i;
      for (int block = 0; block < backbone.blocks[i]; ++block) {
        layers_[i]->push_back(Block(from, width, /*stride=*/i > 0 && block == 0 ? 2 : 1, backbone.has_bottlenecks));
        from = backbone.has_bottlenecks ? width * kExpansion : width;
      }
      register_module("layer" + std::to_string(i + 1), layers_[i]);
    }
    for (const auto& module : modules(/*include_self=*/false)) {
      if (const auto* conv = module->as<nn::Conv2d>()) {
        nn::init::kaiming_normal_(conv->weight, 0, torch::kFanOut, torch::kReLU);
      }
    }
    add_head(std::string(backbone.classifier), from, head);
  }

 private:
  at::Tensor trunk(const at::Tensor& images) override {
    at::Tensor x = conv1_(images);                                        // 3x224x224 -> 64x112x112
    x = torch::max_pool2d(x, /*kernel=*/3, /*stride=*/2, /*padding=*/1);  // -> 64x56x56
    for (nn::Sequential& layer : layers_) x = layer->forward(x);          // -> 512x7x7 or 2048x7x7
    return x;
  }

  nn::BatchNorm2d bn1_ = nn::BatchNorm2d(64);
  Convolution conv1_ = Convolution(conv_options(3, 64, 7, 2), Activation::kRelu, bn1_);
  std::array<nn::Sequential, 4> layers_;
};

}  // namespace

std::shared_ptr<Net> make_resnet(const Backbone& backbone, const Head& head) {
  return std::make_shared<ResNet>(backbone, head);
}

}  // namespace smlt::models::birds
