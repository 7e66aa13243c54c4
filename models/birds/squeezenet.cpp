// SqueezeNet 1.1 (Iandola et al., SqueezeNet, 2016) as in torchvision, without its last convolution, which is a
// classifier: the features are those of the last fire module.
#include <torch/torch.h>

#include "models/birds/convolution.hpp"
#include "models/birds/net.hpp"

namespace smlt::models::birds {
namespace nn = torch::nn;
namespace {

class FireImpl : public nn::Module {
 public:
  FireImpl(int64_t from, int64_t squeezed, int64_t expanded)
      : squeeze_(nn::Conv2dOptions(from, squeezed, 1), Activation::kRelu),
        expand1x1_(nn::Conv2dOptions(squeezed, expanded, 1), Activation::kRelu),
        expand3x3_(nn::Conv2dOptions(squeezed, expanded, 3).padding(1), Activation::kRelu) {
    register_module("squeeze", squeeze_);
    register_module("expand1x1", expand1x1_);
    register_module("expand3x3", expand3x3_);
  }

  at::Tensor forward(const at::Tensor& input) {
    const at::Tensor x = squeeze_(input);
    return torch::cat({expand1x1_(x), expand3x3_(x)}, 1);
  }

 private:
  Convolution squeeze_, expand1x1_, expand3x3_;
};
TORCH_MODULE(Fire);

nn::MaxPool2d pool() { return nn::MaxPool2d(nn::MaxPool2dOptions(3).stride(2).ceil_mode(true)); }

class SqueezeNet : public Net {
 public:
  SqueezeNet(const Backbone& backbone, const Head& head)
      : features_(Convolution(nn::Conv2dOptions(3, 64, 3).stride(2), Activation::kRelu), nn::Identity(),
                  pool(),                                          // 224 -> 55
                  Fire(64, 16, 64), Fire(128, 16, 64), pool(),     // -> 27
                  Fire(128, 32, 128), Fire(256, 32, 128), pool(),  // -> 13
                  Fire(256, 48, 192), Fire(384, 48, 192), Fire(384, 64, 256), Fire(512, 64, 256)) {
    register_module("features", features_);
    for (const auto& module : modules(/*include_self=*/false)) {
      if (const auto* conv = module->as<nn::Conv2d>()) {
        nn::init::kaiming_uniform_(conv->weight);
        nn::init::zeros_(conv->bias);
      }
    }
    add_head(std::string(backbone.classifier), 512, head);
  }

 private:
  at::Tensor trunk(const at::Tensor& images) override { return features_->forward(images); }

  nn::Sequential features_;
};

}  // namespace

std::shared_ptr<Net> make_squeezenet(const Backbone& backbone, const Head& head) {
  return std::make_shared<SqueezeNet>(backbone, head);
}

}  // namespace smlt::models::birds
