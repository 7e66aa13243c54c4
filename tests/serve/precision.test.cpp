#include "serve/precision.hpp"

#include <torch/torch.h>

#include <iostream>
#include <limits>

#include "machine/instructions.hpp"
#include "tests/serve/served_models.hpp"

using namespace smlt;
using namespace smlt::test;

namespace {

bool lacks_bfloat16() {
  if (!machine::has_bfloat16()) std::cout << "skipped: the processor has neither AMX nor AVX512-BF16\n";
  return !machine::has_bfloat16();
}

// A model.pt with a convolution of 64 channels and this forward, and a model.json without labels.
struct Wide {
  test::TemporaryDirectory directory;

  explicit Wide(const std::string& forward) {
    torch::manual_seed(1);
    artifact::Manifest manifest = digits_manifest();
    manifest.labels = {};
    manifest.image.reset();
    manifest.input_shape = {std::nullopt, 64, 8, 8};
    models::mnist::Net net(28, 28, 10);
    artifact::save(directory.path(), net, torch::zeros({1, 1, 28, 28}), manifest);
    torch::jit::Module module("Net");
    module.register_parameter("weight", torch::rand({64, 64, 3, 3}) - 0.5, false);
    module.define("def forward(self, x: Tensor) -> Tensor:\n  y = torch.conv2d(x, self.weight)\n" + forward + "\n");
    module.save((directory.path() / "model.pt").string());
  }
  serve::LoadOptions options() const { return {.bfloat16 = true}; }
};

}  // namespace

TEST_CASE("Differences are the largest, and none that is no number is tolerable", "[serve]") {
  const std::vector<at::Tensor> zeros = {torch::zeros({1, 2}), torch::zeros({2, 2})};
  const auto difference = [&](double first, double second) {
    return serve::largest_difference(zeros, std::vector{torch::full({1, 2}, first), torch::full({2, 2}, second)});
  };
  CHECK(difference(0.5, -0.25) == 0.5);
  CHECK(difference(0.25, -0.5) == 0.5);
  CHECK(serve::is_tolerable(difference(0.1F, 0), std::vector{torch::full({1}, 2.0)}));
  CHECK_FALSE(serve::is_tolerable(difference(0.25, 0), zeros));
  CHECK(serve::is_tolerable(difference(0.25, 0), std::vector{torch::full({1}, -4.0)}));
  const double nan = std::numeric_limits<double>::quiet_NaN();
  CHECK_FALSE(serve::is_tolerable(difference(nan, 0), zeros));
  CHECK_FALSE(serve::is_tolerable(difference(0, nan), zeros));
  const double infinity = std::numeric_limits<double>::infinity();
  CHECK_FALSE(serve::is_tolerable(infinity, std::vector{torch::full({1}, infinity)}));
  CHECK_FALSE(serve::is_tolerable(serve::largest_difference(zeros, std::vector{zeros[1], zeros[0]}), zeros));
}

TEST_CASE("A model whose answers stay close computes in bf16 and takes less memory", "[serve]") {
  if (lacks_bfloat16()) return;
  const Wide wide("  return torch.relu(y)");
  serve::Model model(wide.directory.path(), wide.options());
  const int64_t before = model.weight_bytes();
  const at::Tensor input = torch::rand({3, 64, 8, 8});
  const at::Tensor expected = model.forward(input);
  CHECK_THAT(model.take_bfloat16(), ContainsSubstring("Precision bf16: probes differ from fp32 by at most 0."));
  CHECK(model.speed_up() == "The model computes 1 layer in bfloat16, the rest in float32.");
  CHECK(model.precision_difference() > 0);
  CHECK(model.weight_bytes() * 2 == before);
  CHECK(model.forward(input).scalar_type() == torch::kFloat);
  CHECK(at::allclose(model.forward(input), expected, 0.05, 0.1));
}

TEST_CASE("A model whose answers would change too much, or that fails in bf16, stays in fp32", "[serve]") {
  if (lacks_bfloat16()) return;
  const std::string change =
      GENERATE(as<std::string>{}, "  return torch.sin(y * 1000)", "  y.add_(x.sum())\n  return y");
  const Wide wide(change);
  serve::Model model(wide.directory.path(), wide.options());
  const at::Tensor input = torch::rand({3, 64, 8, 8});
  const at::Tensor expected = model.forward(input);
  CHECK_THAT(model.take_bfloat16(), ContainsSubstring("Precision fp32, because bf16 cannot be used: "));
  CHECK_THAT(model.speed_up(), !ContainsSubstring("bfloat16"));
  CHECK(model.precision_difference() == 0);
  CHECK(at::allclose(model.forward(input), expected, 1e-3, 0.05));
}

TEST_CASE("A compiled package is refused for bf16 before its code is touched", "[serve]") {
  test::TemporaryDirectory directory;
  directory.write("model.pt2", "not even a package");
  const auto open = [&] { serve::Model model(directory.path(), {.bfloat16 = true}); };
  CHECK_THROWS_WITH(open(), ContainsSubstring("Expected TorchScript or model.safetensors for --precision bf16"));
}
