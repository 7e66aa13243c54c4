#include "tensor/linear_block.hpp"

#include <torch/csrc/jit/frontend/tracer.h>
#include <torch/torch.h>

#include <array>
#include <cmath>
#include <limits>
#include <string>

#include "tests/catch.hpp"

using namespace smlt;
using kernels::Processor;

namespace {

constexpr std::array kProcessors = {Processor::kPortable, Processor::kAvx2, Processor::kAvx512};

struct Operands {
  at::Tensor input, weight, bias, gradient;
};

Operands random_operands(int64_t samples, int64_t inputs, int64_t outputs) {
  torch::manual_seed(static_cast<uint64_t>(samples + inputs));
  return {torch::randn({samples, inputs}), torch::randn({outputs, inputs}), torch::randn({outputs}),
          torch::randn({samples, outputs})};
}

// The output and the gradients of input, weight and bias.
template <class Layer>
std::array<at::Tensor, 4> run(const Layer& layer, const Operands& operands) {
  const at::Tensor x = operands.input.detach().requires_grad_(), w = operands.weight.detach().clone().requires_grad_(),
                   b = operands.bias.detach().clone().requires_grad_();
  const at::Tensor output = layer(x, w, b);
  const auto gradients = torch::autograd::grad({output}, {x, w, b}, {operands.gradient});
  return {output.detach(), gradients[0], gradients[1], gradients[2]};
}

std::array<at::Tensor, 4> expected(const Operands& o, bool relu) {
  const Operands exact = {o.input.to(at::kDouble), o.weight.to(at::kDouble), o.bias.to(at::kDouble),
                          o.gradient.to(at::kDouble)};
  return run(
      [&](const at::Tensor& x, const at::Tensor& w, const at::Tensor& b) {
        const at::Tensor y = torch::linear(x, w, b);
        return relu ? torch::relu(y) : y;
      },
      exact);
}

}  // namespace

TEST_CASE("Our linear layer computes what LibTorch's does, forward and backward", "[tensor]") {
  const Processor processor = GENERATE(from_range(kProcessors));
  if (!kernels::runs_here(processor)) {
    WARN("skipped: this processor cannot run kernel " << static_cast<int>(processor));
    return;
  }
  const bool relu = GENERATE(false, true);
  for (const auto& [samples, inputs, outputs] : {std::array<int64_t, 3>{1, 1, 1},
                                                 {4, 400, 120},
                                                 {4, 84, 10},
                                                 {32, 320, 50},
                                                 {7, 17, 9},
                                                 {65, 33, 5},
                                                 {3, 15, 2}}) {
    INFO(samples << " x " << inputs << " -> " << outputs << ", relu " << relu);
    const Operands operands = random_operands(samples, inputs, outputs);
    const auto wanted = expected(operands, relu);
    const auto found =
        run([&](const auto& x, const auto& w, const auto& b) { return tensor::linear_on(processor, x, w, b, relu); },
            operands);
    for (size_t i = 0; i < found.size(); ++i) {
      INFO("part " << i);
      CHECK(found[i].sizes() == wanted[i].sizes());
      CHECK(torch::allclose(found[i].to(at::kDouble), wanted[i], 1e-5, 1e-4));
    }
  }
}

TEST_CASE("Our linear layer takes rows with samples innermost or with gaps", "[tensor]") {
  Operands operands = random_operands(6, 40, 8);
  const at::Tensor wanted = torch::linear(operands.input, operands.weight, operands.bias);
  const at::Tensor innermost = operands.input.t().contiguous().t();
  const at::Tensor gaps = torch::cat({operands.input, operands.input}, 1).narrow(1, 40, 40);
  for (const at::Tensor& input : {innermost, gaps}) {
    CHECK(torch::allclose(tensor::linear(input, operands.weight, operands.bias), wanted, 1e-5, 1e-5));
  }
}

TEST_CASE("Our linear layer passes on NaN", "[tensor]") {
  Operands operands = random_operands(2, 20, 3);
  operands.input[1][19] = std::numeric_limits<float>::quiet_NaN();
  const at::Tensor output = tensor::linear_relu(operands.input, operands.weight, operands.bias);
  CHECK(output[0].isfinite().all().item<bool>());
  CHECK(output[1].isnan().all().item<bool>());
}

TEST_CASE("If the kernel does not fit, LibTorch's operator computes or gives the error", "[tensor]") {
  const Operands o = random_operands(5, 12, 4);
  const auto exact = tensor::linear_relu(o.input.to(at::kDouble), o.weight.to(at::kDouble), o.bias.to(at::kDouble));
  CHECK(exact.scalar_type() == at::kDouble);
  CHECK(tensor::linear(o.input.unsqueeze(0), o.weight, o.bias).sizes() == at::IntArrayRef({1, 5, 4}));
  CHECK(tensor::linear(o.input.narrow(0, 0, 0), o.weight, o.bias).sizes() == at::IntArrayRef({0, 4}));
  CHECK_THROWS_AS(tensor::linear(o.input.narrow(1, 0, 11), o.weight, o.bias), c10::Error);
}
