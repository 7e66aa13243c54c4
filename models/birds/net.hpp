#pragma once

#include <torch/nn/modules/container/sequential.h>

#include <memory>
#include <optional>
#include <string>

#include "models/birds/card/backbone.hpp"
#include "tensor/net.hpp"

namespace smlt::models::birds {

/// The fully connected layers on top of a trunk, as in the tutorial: a number of times Linear(256), ReLU and dropout,
/// then Linear(classes) and LogSoftmax.
struct Head {
  int64_t classes = 0;
  int64_t hidden_layers = 1;
  double dropout = 0.5;
};

/// A torchvision convolutional trunk with our own head: images float `[N, 3, H, W]`, H and W from 32, to
/// log-probabilities `[N, classes]`. Parameters and buffers have torchvision's names; the head takes the place of
/// torchvision's classifier.
class Net : public tensor::Net {
 public:
  at::Tensor forward(const at::Tensor& images) override { return head(features(images)); }

  /// `[N, 3, H, W]` to `[N, F]`, pooled over all places. Without gradients while the trunk is frozen.
  at::Tensor features(const at::Tensor& images);

  /// `[N, F]` to log-probabilities.
  at::Tensor head(const at::Tensor& features) { return head_->forward(features); }

  /// A frozen trunk stays in eval mode while the network is trained: its BatchNorm keeps the statistics it came with.
  /// Training on its features uses packed convolutions of this type; evaluation and export do not.
  void freeze_trunk(at::ScalarType type);
  void unfreeze_trunk();
  void train(bool on = true) override;

  /// Folds each BatchNorm into its convolution, on a CPU. The head stays in fp32.
  tensor::PackedLayers pack(at::ScalarType type) override;
  void unpack() override;

  const std::string& head_name() const { return head_name_; }  // "fc" or "classifier"

 protected:
  /// Registers the head under this name, for a trunk with this many features. Each trunk's constructor calls it last.
  void add_head(std::string name, int64_t features, const Head& head);

 private:
  virtual at::Tensor trunk(const at::Tensor& images) = 0;  // [N, F, h, w]
  at::Tensor packed_features(const at::Tensor& images);

  torch::nn::Sequential head_;
  std::string head_name_;
  std::optional<at::ScalarType> frozen_ = std::nullopt;
  bool in_bfloat16_ = false;  // the packed trunk
};

/// torchvision's name for that network's classifier: "fc" or "classifier". Throws as make_net does.
std::string head_name(const std::string& backbone);

/// A network with torchvision's initial weights. Throws AlgorithmError for a name that is not in kBackbones.
std::shared_ptr<Net> make_net(const std::string& backbone, const Head& head);

std::shared_ptr<Net> make_resnet(const Backbone& backbone, const Head& head);
std::shared_ptr<Net> make_squeezenet(const Backbone& backbone, const Head& head);
std::shared_ptr<Net> make_mobilenet(const Backbone& backbone, const Head& head);

}  // namespace smlt::models::birds
