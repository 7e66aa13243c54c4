#include <torch/torch.h>

#include "models/birds/net.hpp"
#include "models/birds/precision.hpp"
#include "tests/catch.hpp"

using namespace smlt;

TEST_CASE("The tutorial's head on ResNet-50 has its 525,572 parameters", "[models]") {
  const auto net = models::birds::make_net("resnet50", {.classes = 4});
  int64_t head = 0, all = 0;
  for (const auto& parameter : net->named_parameters()) {
    all += parameter.value().numel();
    if (parameter.key().starts_with("fc.")) head += parameter.value().numel();
  }
  CHECK(head == 525'572);           // 2048*256+256 + 256*4+4
  CHECK(all - head == 23'508'032);  // torchvision's 25,557,032 without its classifier of 2048*1000+1000
}

TEST_CASE("More or fewer hidden layers are what num_fully_connected_layers says", "[models]") {
  for (const int64_t layers : {0, 1, 3}) {
    const auto net = models::birds::make_net("squeezenet1_1", {.classes = 5, .hidden_layers = layers});
    int64_t linear = 0;
    for (const auto& module : net->modules()) linear += module->as<torch::nn::Linear>() != nullptr ? 1 : 0;
    CHECK(linear == layers + 1);
  }
}

TEST_CASE("A frozen trunk keeps its statistics and gets no gradient, unlike a trained one", "[models]") {
  torch::manual_seed(1);
  const auto net = models::birds::make_net("resnet18", {.classes = 3});
  const at::Tensor images = torch::randn({2, 3, 64, 64});
  const at::Tensor mean = net->named_buffers()["bn1.running_mean"];
  net->freeze_trunk(torch::kFloat);
  net->train();
  const at::Tensor features = net->features(images);
  CHECK_FALSE(features.requires_grad());
  CHECK(torch::equal(mean, torch::zeros_like(mean)));
  net->unfreeze_trunk();
  CHECK(net->features(images).requires_grad());
  CHECK_FALSE(torch::equal(mean, torch::zeros_like(mean)));
}

TEST_CASE("A frozen trunk gives the same results with packed convolutions as in eval mode", "[models]") {
  torch::manual_seed(1);
  const at::Tensor images = torch::randn({3, 3, 64, 96}).contiguous(at::MemoryFormat::ChannelsLast);
  for (const std::string& backbone : models::birds::backbone_names()) {
    const auto net = models::birds::make_net(backbone, {.classes = 3});
    for (const auto& buffer : net->named_buffers()) {
      if (buffer.key().ends_with("running_mean")) buffer.value().normal_(0, 0.1);
      if (buffer.key().ends_with("running_var")) buffer.value().uniform_(0.5, 1.5);
    }
    net->eval();
    const torch::NoGradGuard no_grad;
    const at::Tensor exact = net->features(images);
    for (const bool in_bfloat16 : {false, true}) {
      const at::ScalarType type = models::birds::frozen_type(in_bfloat16);
      INFO(backbone << " in " << c10::toString(type));
      net->freeze_trunk(type);
      net->train();
      const at::Tensor packed = net->features(images);
      CHECK(packed.scalar_type() == torch::kFloat);
      CHECK(((packed - exact).norm() / exact.norm()).item<double>() < (type == torch::kFloat ? 1e-5 : 0.02));
      // Convolutions alone, in the same precision, may give the same result.
      if (in_bfloat16 || !net->named_buffers().is_empty()) CHECK_FALSE(torch::equal(packed, exact));
      net->eval();
      CHECK(torch::equal(net->features(images), exact));
      net->unfreeze_trunk();
      net->eval();
      CHECK(torch::equal(net->features(images), exact));
    }
  }
}

TEST_CASE("Every backbone takes images from 32 pixels and of any shape", "[models]") {
  for (const std::string& backbone : models::birds::backbone_names()) {
    INFO(backbone);
    const auto net = models::birds::make_net(backbone, {.classes = 3});
    net->eval();
    const torch::NoGradGuard no_grad;
    CHECK(net->forward(torch::zeros({1, 3, 32, 32})).sizes() == at::IntArrayRef({1, 3}));
    CHECK(net->forward(torch::zeros({2, 3, 45, 70})).sizes() == at::IntArrayRef({2, 3}));
    CHECK(net->named_children().contains(models::birds::head_name(backbone)));
  }
}
