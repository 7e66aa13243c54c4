#include "script/fast_form.hpp"

#include <torch/script.h>
#include <torch/torch.h>

#include <sstream>

#include "script/script.hpp"
#include "tests/catch.hpp"

using namespace smlt;

namespace {

torch::jit::Module module_of(const std::string& forward) {
  torch::jit::Module module("Net");
  module.register_parameter("weight", torch::rand({6, 3, 5, 5}) - 0.5, false);
  module.register_parameter("bias", torch::rand({6}) - 0.5, false);
  module.define("def forward(self, x: Tensor) -> Tensor:\n" + forward + "\n");
  module.eval();
  return module;
}

struct Made {
  std::string sentence;
  std::string graph;
  double difference;
};

// The fast form of a module, and how far its answers to inputs other than the probes are from the plain one's.
Made made_of(const std::string& forward) {
  torch::jit::Module plain = module_of(forward);
  const std::vector<at::Tensor> probes = {torch::rand({1, 3, 17, 20}), torch::rand({3, 3, 17, 20})};
  script::FastForm form = script::fastest_form(plain, probes);
  const at::Tensor input = torch::rand({7, 3, 17, 20});
  const c10::InferenceMode inference;
  const at::Tensor difference = plain.forward({input}).toTensor() - form.module.forward({input}).toTensor();
  return {form.sentence, form.module.get_method("forward").graph()->toString(), difference.abs().max().item<double>()};
}

const std::string kOptimized = "The model is frozen and optimised for inference.";

}  // namespace

TEST_CASE("A narrow convolution with pooling and ReLU becomes one operator of our own", "[script]") {
  const std::string forward =
      GENERATE(as<std::string>{},  //
               "  return torch.relu(torch.max_pool2d(torch.conv2d(x, self.weight, self.bias), [2, 2]))",
               "  return torch.max_pool2d(torch.relu(torch.conv2d(x, self.weight, self.bias)), [2])");
  const Made made = made_of(forward);
  CHECK(made.sentence == kOptimized);
  CHECK_THAT(made.graph, ContainsSubstring("smlt::conv_pool_relu"));
  CHECK(made.graph.find("max_pool2d") == std::string::npos);
  CHECK(made.difference < 1e-5);
}

TEST_CASE("A block that only looks similar stays", "[script]") {
  const std::string forward =
      GENERATE(as<std::string>{},  //
               "  return torch.relu(torch.max_pool2d(torch.conv2d(x, self.weight, self.bias, [2, 2]), [2, 2]))",
               "  return torch.relu(torch.max_pool2d(torch.conv2d(x, self.weight, self.bias, [1], [1]), [2]))",
               "  return torch.relu(torch.max_pool2d(torch.conv2d(x, self.weight, self.bias), [3, 3]))",
               "  return torch.relu(torch.max_pool2d(torch.conv2d(x, self.weight, self.bias), [2], [1]))",
               "  c = torch.conv2d(x, self.weight, self.bias)\n  return torch.relu(torch.max_pool2d(c, 2)) + c.sum()");
  const Made made = made_of(forward);
  CHECK(made.sentence == kOptimized);
  CHECK(made.graph.find("smlt::conv_pool_relu") == std::string::npos);
  CHECK(made.difference < 1e-4);
}

TEST_CASE("A convolution with short lists is optimised too", "[script]") {
  const Made made = made_of("  return torch.conv2d(x, self.weight, self.bias)");
  CHECK_THAT(made.graph, ContainsSubstring("mkldnn_convolution"));
  CHECK(made.difference < 1e-5);
}

TEST_CASE("Modules within modules are frozen on a worker's thread too", "[script]") {
  script::run_unchanged();
  torch::jit::Module inner = module_of("  return torch.conv2d(x, self.weight, self.bias, [1, 1], [2, 2])");
  for (const char* name : {"Middle", "Outer"}) {
    torch::jit::Module outer(name);
    outer.register_module("inner", inner);
    outer.define("def forward(self, x: Tensor) -> Tensor:\n  return torch.relu(self.inner.forward(x))\n");
    inner = outer;
  }
  inner.eval();
  const std::vector<at::Tensor> probes = {torch::rand({1, 3, 17, 20})};
  CHECK(script::fastest_form(inner, probes).sentence == kOptimized);
}

TEST_CASE("A module whose frozen form answers differently runs as it was saved", "[script]") {
  // Random answers differ each time, so no form can be shown to be equal.
  const Made made = made_of("  return x + torch.rand([1])");
  CHECK_THAT(made.sentence, ContainsSubstring("runs as it was saved") && ContainsSubstring("its answers differ by"));
}
