// The linear kernels without LibTorch, so that the address sanitizer sees every access: no buffer has room to spare.
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include "kernels/linear_kernel.hpp"
#include "tests/catch.hpp"

using namespace smlt::kernels;

namespace {

using Floats = std::vector<float>;

Floats random_floats(int64_t count, uint32_t seed) {
  std::mt19937 generator(seed);
  std::uniform_real_distribution<float> uniform(-1, 1);
  Floats numbers(static_cast<size_t>(count));
  for (float& number : numbers) number = uniform(generator);
  return numbers;
}

struct Layer {
  Floats output, grad_input, grad_weight, grad_bias;
};

struct Operands {
  explicit Operands(const LinearShape& s)
      : input(random_floats(s.samples * s.inputs, 1)),
        weight(random_floats(s.outputs * s.inputs, 2)),
        bias(random_floats(s.outputs, 3)),
        grad_output(random_floats(s.samples * s.outputs, 4)) {}
  Floats input, weight, bias, grad_output;
};

Layer computed(const LinearKernel& kernel, const LinearShape& s, const Operands& on) {
  Layer layer{Floats(on.grad_output.size()), Floats(on.input.size()), Floats(on.weight.size()), Floats(on.bias.size())};
  Floats scratch(on.grad_output.size());
  kernel.forward(s, on.input.data(), on.weight.data(), on.bias.data(), layer.output.data());
  kernel.backward(s, on.input.data(), on.weight.data(), layer.output.data(), on.grad_output.data(),
                  layer.grad_input.data(), layer.grad_weight.data(), layer.grad_bias.data(), scratch.data());
  return layer;
}

Layer expected(const LinearShape& s, const Operands& on) {
  Layer layer{Floats(on.grad_output.size()), Floats(on.input.size()), Floats(on.weight.size()), Floats(on.bias.size())};
  for (int64_t n = 0; n < s.samples; ++n) {
    for (int64_t o = 0; o < s.outputs; ++o) {
      const auto at = static_cast<size_t>(n * s.outputs + o);
      double sum = on.bias[static_cast<size_t>(o)];
      for (int64_t i = 0; i < s.inputs; ++i) {
        sum += static_cast<double>(on.input[static_cast<size_t>(n * s.inputs + i)]) *
               static_cast<double>(on.weight[static_cast<size_t>(o * s.inputs + i)]);
      }
      const bool is_closed = s.relu && sum <= 0;
      layer.output[at] = is_closed ? 0 : static_cast<float>(sum);
      const float gradient = is_closed ? 0 : on.grad_output[at];
      layer.grad_bias[static_cast<size_t>(o)] += gradient;
      for (int64_t i = 0; i < s.inputs; ++i) {
        const auto x = static_cast<size_t>(n * s.inputs + i), w = static_cast<size_t>(o * s.inputs + i);
        layer.grad_input[x] += gradient * on.weight[w];
        layer.grad_weight[w] += gradient * on.input[x];
      }
    }
  }
  return layer;
}

bool are_close(const Floats& found, const Floats& wanted) {
  for (size_t i = 0; i < wanted.size(); ++i) {
    if (!(std::abs(found[i] - wanted[i]) <= 1e-4F * (1 + std::abs(wanted[i])))) return false;
  }
  return found.size() == wanted.size();
}

void check(int64_t samples, int64_t inputs, int64_t outputs) {
  for (const bool relu : {false, true}) {
    const LinearShape s = {samples, inputs, outputs, relu};
    const Operands on(s);
    const Layer wanted = expected(s, on);
    for (const Processor processor : {Processor::kPortable, Processor::kAvx2, Processor::kAvx512}) {
      if (!runs_here(processor)) continue;
      const Layer found = computed(linear_kernel_of(processor), s, on);
      INFO(samples << " samples, " << inputs << " to " << outputs << ", relu " << relu << ", processor "
                   << static_cast<int>(processor));
      CHECK(are_close(found.output, wanted.output));
      CHECK(are_close(found.grad_input, wanted.grad_input));
      CHECK(are_close(found.grad_weight, wanted.grad_weight));
      CHECK(are_close(found.grad_bias, wanted.grad_bias));
    }
  }
}

}  // namespace

TEST_CASE("Linear layers are right for every number of inputs around a vector's edges", "[kernels]") {
  for (int64_t inputs = 1; inputs <= 67; ++inputs) check(3, inputs, 5);
}

TEST_CASE("Linear layers are right for any number of samples and outputs", "[kernels]") {
  for (int64_t samples = 1; samples <= 9; ++samples) {
    for (int64_t outputs = 1; outputs <= 19; ++outputs) check(samples, 20, outputs);
  }
}
