#include "tensor/conv_block.hpp"

#include <torch/csrc/jit/frontend/tracer.h>
#include <torch/torch.h>

#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <thread>

#include "tests/catch.hpp"

using namespace smlt;
using kernels::Processor;

namespace {

struct Shape {
  int64_t channels, height, width, filters, kernel;
};

struct Run {
  at::Tensor output, grad_input, grad_weight, grad_bias;
};

using Block = std::function<at::Tensor(const at::Tensor&, const at::Tensor&, const at::Tensor&)>;

Block on(Processor processor) {
  return [processor](const at::Tensor& x, const at::Tensor& w, const at::Tensor& b) {
    return tensor::conv_pool_relu_on(processor, x, w, b);
  };
}

Run run(const Block& block, const at::Tensor& input, const at::Tensor& weight, const at::Tensor& bias,
        const at::Tensor& gradient) {
  const at::Tensor x = input.detach().requires_grad_(), w = weight.detach().clone().requires_grad_(),
                   b = bias.detach().clone().requires_grad_();
  const at::Tensor output = block(x, w, b);
  const auto gradients = torch::autograd::grad({output}, {x, w, b}, {gradient});
  return {output.detach(), gradients[0], gradients[1], gradients[2]};
}

Run as_double(const Run& r) {
  return {r.output.to(at::kDouble), r.grad_input.to(at::kDouble), r.grad_weight.to(at::kDouble),
          r.grad_bias.to(at::kDouble)};
}

// The largest difference, in units of the largest expected value.
double difference(const at::Tensor& found, const at::Tensor& expected) {
  if (found.sizes() != expected.sizes()) return std::numeric_limits<double>::infinity();
  const double size = expected.abs().max().item<double>();
  return (found - expected).abs().max().item<double>() / (size > 0 ? size : 1);
}

bool same_bits(const Run& a, const Run& b) {
  return torch::equal(a.output, b.output) && torch::equal(a.grad_input, b.grad_input) &&
         torch::equal(a.grad_weight, b.grad_weight) && torch::equal(a.grad_bias, b.grad_bias);
}

struct Operands {
  at::Tensor input, weight, bias, gradient;
};

Operands random_operands(const Shape& s, int64_t samples) {
  torch::manual_seed(static_cast<uint64_t>(samples));
  const int64_t rows = (s.height - s.kernel + 1) / 2, columns = (s.width - s.kernel + 1) / 2;
  return {torch::randn({samples, s.channels, s.height, s.width}),
          torch::randn({s.filters, s.channels, s.kernel, s.kernel}), torch::randn({s.filters}),
          torch::randn({samples, s.filters, rows, columns})};
}

bool runs_here_or_says_so(Processor processor) {
  static constexpr std::array kNames = {"the baseline", "AVX2 and FMA", "AVX-512 (F, VL, BW, DQ)"};
  if (kernels::runs_here(processor)) return true;
  WARN("skipped: this processor lacks " << kNames.at(static_cast<size_t>(processor)));
  return false;
}

constexpr std::array kProcessors = {Processor::kPortable, Processor::kAvx2, Processor::kAvx512};
constexpr Shape kMnist1 = {1, 28, 28, 10, 5}, kMnist2 = {10, 12, 12, 20, 5};
constexpr Shape kCifar1 = {3, 32, 32, 6, 5}, kCifar2 = {6, 14, 14, 16, 5};
// Odd sizes, whose last row and column the pooling leaves out, and other kernels and channel counts.
constexpr Shape kOdd = {2, 8, 11, 3, 3}, kOne = {1, 3, 2, 1, 1}, kSeven = {3, 13, 12, 13, 7}, kEven = {13, 9, 7, 25, 2};

}  // namespace

TEST_CASE("The block and its three gradients equal LibTorch's in double", "[tensor]") {
  const Processor processor = GENERATE(from_range(kProcessors));
  if (!runs_here_or_says_so(processor)) return;
  const Shape shape = GENERATE(kMnist1, kMnist2, kCifar1, kCifar2, kOdd, kOne, kSeven, kEven);
  for (const int64_t samples : {1, 3, 4, 7, 16, 32, 33, 64}) {
    CAPTURE(static_cast<int>(processor), shape.channels, shape.height, shape.width, shape.kernel, samples);
    const Operands o = random_operands(shape, samples);
    const Run found = as_double(run(on(processor), o.input, o.weight, o.bias, o.gradient));
    const Run expected = run(tensor::conv_pool_relu_plain, o.input.to(at::kDouble), o.weight.to(at::kDouble),
                             o.bias.to(at::kDouble), o.gradient.to(at::kDouble));
    CHECK(difference(found.output, expected.output) < 3e-6);
    CHECK(difference(found.grad_input, expected.grad_input) < 3e-6);
    CHECK(difference(found.grad_weight, expected.grad_weight) < 3e-6);
    CHECK(difference(found.grad_bias, expected.grad_bias) < 3e-6);
  }
}

TEST_CASE("Whatever the memory layout of images and gradients, the block gives the same bits", "[tensor]") {
  const Processor processor = GENERATE(from_range(kProcessors));
  if (!runs_here_or_says_so(processor)) return;
  const int64_t samples = GENERATE(4, 7, 16);
  const Operands o = random_operands(kOdd, samples);
  const Run expected = run(on(processor), o.input, o.weight, o.bias, o.gradient);
  const auto innermost = [](const at::Tensor& t) { return t.permute({1, 2, 3, 0}).contiguous().permute({3, 0, 1, 2}); };
  const auto spread = [](const at::Tensor& t) { return torch::stack({t, t + 1}, -1).select(-1, 0); };
  // Whole rows of a larger batch: in the block's order of axes, with other strides.
  const auto part = [&](const at::Tensor& t) { return innermost(torch::cat({t, t + 1}, 0)).slice(0, 0, samples); };
  CHECK(same_bits(run(on(processor), innermost(o.input), o.weight, o.bias, innermost(o.gradient)), expected));
  CHECK(same_bits(run(on(processor), spread(o.input), spread(o.weight), spread(o.bias), spread(o.gradient)), expected));
  CHECK(same_bits(run(on(processor), part(o.input), o.weight, o.bias, part(o.gradient)), expected));
  const at::Tensor one = torch::ones({1}).expand_as(o.gradient);
  CHECK(same_bits(run(on(processor), o.input, o.weight, o.bias, one),
                  run(on(processor), o.input, o.weight, o.bias, one.contiguous())));
}

TEST_CASE("Blocks in a row pass their images on without a copy", "[tensor]") {
  const Operands o = random_operands(kMnist2, 4);
  const at::Tensor output = tensor::conv_pool_relu(o.input, o.weight, o.bias);
  CHECK(output.permute({1, 2, 3, 0}).is_contiguous());
  CHECK(output.flatten(1).data_ptr() == output.data_ptr());
}

TEST_CASE("The block gives the same bits twice, and on two threads at once", "[tensor]") {
  const Processor processor = GENERATE(from_range(kProcessors));
  if (!runs_here_or_says_so(processor)) return;
  const Operands o = random_operands(kMnist2, 7);
  const Run expected = run(on(processor), o.input, o.weight, o.bias, o.gradient);
  bool same[2] = {true, true};
  std::array<std::thread, 2> threads;
  for (size_t i = 0; i < threads.size(); ++i) {
    threads.at(i) = std::thread([&, i] {
      for (int again = 0; again < 20; ++again) {
        same[i] = same[i] && same_bits(run(on(processor), o.input, o.weight, o.bias, o.gradient), expected);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(same[0]);
  CHECK(same[1]);
}

TEST_CASE("Of equal values the first is the maximum, as in max_pool2d", "[tensor]") {
  const Processor processor = GENERATE(from_range(kProcessors));
  if (!runs_here_or_says_so(processor)) return;
  // Few whole numbers: every window has ties, every sum is exact, and some maxima are exactly zero.
  torch::manual_seed(1);
  const at::Tensor input = torch::randint(-1, 2, {5, 1, 12, 12}).to(at::kFloat);
  const at::Tensor weight = torch::tensor({1.0f, -1.0f}).view({2, 1, 1, 1}), bias = torch::tensor({0.0f, -1.0f});
  const at::Tensor gradient = torch::randint(1, 9, {5, 2, 6, 6}).to(at::kFloat);
  CHECK(same_bits(run(on(processor), input, weight, bias, gradient),
                  run(tensor::conv_pool_relu_plain, input, weight, bias, gradient)));
}

TEST_CASE("NaN and infinity come out of the block where they come out of LibTorch's operators", "[tensor]") {
  const Processor processor = GENERATE(from_range(kProcessors));
  if (!runs_here_or_says_so(processor)) return;
  const float value = GENERATE(std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity());
  const int64_t samples = GENERATE(1, 5, 16);
  for (int64_t pixel = 0; pixel < 64; pixel += 9) {
    Operands o = random_operands({1, 8, 8, 2, 3}, samples);
    o.input.index_put_({samples / 2, 0, pixel / 8, pixel % 8}, value);
    const at::Tensor found = tensor::conv_pool_relu_on(processor, o.input, o.weight, o.bias);
    const at::Tensor expected = tensor::conv_pool_relu_plain(o.input, o.weight, o.bias);
    if (std::isnan(value)) CHECK(found.isnan().any().item<bool>());
    CHECK(torch::allclose(found, expected, 1e-5, 1e-5, /*equal_nan=*/true));
  }
}

TEST_CASE("A weight that is NaN reaches the output and the input's gradient", "[tensor]") {
  const Processor processor = GENERATE(from_range(kProcessors));
  if (!runs_here_or_says_so(processor)) return;
  const Operands o = random_operands(kOdd, 5);
  const at::Tensor weight = torch::full_like(o.weight, std::numeric_limits<float>::quiet_NaN());
  const Run found = run(on(processor), o.input, weight, o.bias, o.gradient);
  CHECK(found.output.isnan().all().item<bool>());
  CHECK(found.grad_input.isnan().any().item<bool>());
}

TEST_CASE("Work for a gradient that the input does not need is left out", "[tensor]") {
  const Operands o = random_operands(kCifar1, 4);
  const at::Tensor weight = o.weight.clone().requires_grad_();
  const at::Tensor output = tensor::conv_pool_relu(o.input, weight, o.bias);
  output.backward(o.gradient);
  CHECK_FALSE(o.input.grad().defined());
  CHECK(torch::equal(weight.grad(), run(tensor::conv_pool_relu, o.input, o.weight, o.bias, o.gradient).grad_weight));
  const torch::NoGradGuard none;
  CHECK(torch::equal(tensor::conv_pool_relu(o.input, weight, o.bias), output));
}

TEST_CASE("Other types, shapes that do not fit, and huge kernels get LibTorch's operators and errors", "[tensor]") {
  const Operands o = random_operands(kOdd, 3);
  const auto twice = [](const at::Tensor& t) { return t.to(at::kDouble); };
  CHECK(torch::equal(tensor::conv_pool_relu(twice(o.input), twice(o.weight), twice(o.bias)),
                     tensor::conv_pool_relu_plain(twice(o.input), twice(o.weight), twice(o.bias))));
  const Operands large = random_operands({1, 20, 20, 2, 12}, 2);
  CHECK(torch::equal(tensor::conv_pool_relu(large.input, large.weight, large.bias),
                     tensor::conv_pool_relu_plain(large.input, large.weight, large.bias)));
  CHECK_THROWS_WITH(tensor::conv_pool_relu(torch::zeros({1, 3, 8, 8}), o.weight, o.bias),
                    ContainsSubstring("channels"));
  CHECK_THROWS_AS(tensor::conv_pool_relu(torch::zeros({1, 2, 3, 3}), o.weight, o.bias), c10::Error);
  CHECK_THROWS_AS(tensor::conv_pool_relu_on(Processor::kPortable, large.input, large.weight, large.bias), c10::Error);
}

TEST_CASE("A traced block holds only LibTorch's operators", "[tensor]") {
  const Operands o = random_operands(kMnist1, 2);
  const auto traced = torch::jit::tracer::trace(
      {o.input},
      [&](torch::jit::Stack inputs) {
        return torch::jit::Stack{tensor::conv_pool_relu(inputs[0].toTensor(), o.weight, o.bias)};
      },
      [](const at::Tensor&) { return std::string(); });
  std::vector<std::string> operators;
  for (const torch::jit::Node* node : traced.first->graph->nodes()) {
    const std::string name = node->kind().toQualString();
    if (!name.starts_with("prim::")) operators.push_back(name);
  }
  CHECK(operators == std::vector<std::string>{"aten::_convolution", "aten::max_pool2d", "aten::relu"});
}
