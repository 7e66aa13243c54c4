#include "script/bfloat16_form.hpp"

#include <torch/script.h>
#include <torch/torch.h>

#include <iostream>

#include "machine/instructions.hpp"
#include "tests/catch.hpp"

using namespace smlt;

namespace {

bool lacks_bfloat16() {
  if (!machine::has_bfloat16()) std::cout << "skipped: the processor has neither AMX nor AVX512-BF16\n";
  return !machine::has_bfloat16();
}

torch::jit::Module module_of(const std::string& forward) {
  torch::manual_seed(1);
  torch::jit::Module module("Net");
  module.register_parameter("weight", (torch::rand({32, 3, 3, 3}) - 0.5) / 3, false);
  module.register_parameter("wide", (torch::rand({32, 32, 3, 3}) - 0.5) / 10, false);
  module.register_parameter("bias", torch::rand({32}) - 0.5, false);
  module.define("def forward(self, x: Tensor) -> Tensor:\n" + forward + "\n");
  module.eval();
  return module;
}

struct Made {
  script::Bfloat16Form form;
  std::string graph;
  at::Tensor found, expected;
};

Made made_of(const std::string& forward) {
  torch::jit::Module plain = module_of(forward);
  const c10::InferenceMode inference;
  const at::Tensor input = torch::rand({2, 3, 17, 20});
  const at::Tensor expected = plain.forward({input}).toTensor();
  script::Bfloat16Form form = script::bfloat16_form(plain);
  const at::Tensor found = form.module.forward({input}).toTensor();
  return {form, form.module.get_method("forward").graph()->toString(), found, expected};
}

int count(const std::string& text, const std::string& word) {
  int found = 0;
  for (size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) ++found;
  return found;
}

void check_close(const Made& made, double most = 0.03) {
  REQUIRE(made.found.scalar_type() == torch::kFloat);
  REQUIRE(made.found.sizes() == made.expected.sizes());
  const double difference = (made.found - made.expected).abs().max().item<double>();
  CHECK(difference < most);
  CHECK(difference > 0);  // it would be 0 in float32
}

const std::string kFirst = "  y = torch.conv2d(x, self.weight, self.bias, [1, 1], [1, 1])\n";

}  // namespace

TEST_CASE("Convolutions compute in bfloat16 together with what follows them", "[script]") {
  if (lacks_bfloat16()) return;
  const Made made = made_of(kFirst +
                            "  y = torch.relu_(y)\n"
                            "  z = torch.conv2d(y, self.wide, None, 1, 1)\n"
                            "  z = torch.relu(z.add_(y))\n"
                            "  return torch.log_softmax(z.mean([2, 3]), 1)");
  CHECK(made.form.layers == 2);
  CHECK(made.form.bytes_saved == (32 * 3 * 9 + 32 * 32 * 9) * 2);
  CHECK(count(made.graph, "aten::relu") + count(made.graph, "aten::add") == 0);
  CHECK(count(made.graph, "smlt::packed_convolution_add_relu") == 1);
  CHECK(count(made.graph, "smlt::to_bfloat16") == 1);
  CHECK(count(made.graph, "smlt::to_float") == 1);
  check_close(made);
}

TEST_CASE("Results in bfloat16 become float32 wherever something else uses them", "[script]") {
  if (lacks_bfloat16()) return;
  const std::string rest =
      GENERATE(as<std::string>{},  //
               "  return y", "  return torch.cat([y, x.repeat(1, 2, 1, 1)], 1)",
               "  return torch.cat([torch.relu(y), torch.max_pool2d(y, 3, 1, 1)], 1)", "  return y + x.sum()",
               "  return torch.softmax(y, 1) + y", "  if x.sum() > 0:\n    y = y.exp()\n  return y",
               "  a = y.mean()\n  z = torch.relu_(y)\n  return y.mean() + a + z");
  const Made made = made_of(kFirst + rest);
  CHECK(made.form.layers == 1);
  check_close(made, 0.1);
}

TEST_CASE("What changes a result in place or has no convolution does not compute in bfloat16", "[script]") {
  CHECK_THROWS_WITH(script::bfloat16_form(module_of(kFirst + "  y.add_(x.sum())\n  return y")),
                    ContainsSubstring("in place"));
  CHECK(script::bfloat16_form(module_of("  return torch.matmul(x, x.transpose(2, 3))")).layers == 0);
}
