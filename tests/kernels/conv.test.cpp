// The convolution kernels without LibTorch, so that the address sanitizer sees every access: buffers end exactly where
// kernels/conv_kernel.hpp lets them.
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include "kernels/conv_kernel.hpp"
#include "tests/catch.hpp"

using namespace smlt::kernels;

namespace {

struct Block {
  std::vector<float> output, grad_input, grad_weight, grad_bias;
};

std::vector<float> random_floats(int64_t count, uint32_t seed, int64_t slack = 0) {
  std::mt19937 generator(seed);
  std::uniform_real_distribution<float> uniform(-1, 1);
  std::vector<float> numbers(static_cast<size_t>(count + slack));
  for (float& number : numbers) number = uniform(generator);
  return numbers;
}

struct Operands {
  explicit Operands(const ConvShape& s)
      : input(random_floats(s.channels * s.height * s.width * s.samples, 1, kVectorSlack)),
        weight(random_floats(s.filters * s.channels * s.kernel * s.kernel, 2)),
        bias(random_floats(s.filters, 3)),
        grad_output(random_floats(s.filters * s.pooled_height * s.pooled_width * s.samples, 4)) {}
  std::vector<float> input, weight, bias, grad_output;
};

Block computed(const ConvKernel& kernel, const ConvShape& s, const Operands& on) {
  const int64_t pooled = s.filters * s.pooled_height * s.pooled_width * s.samples;
  Block block{std::vector<float>(static_cast<size_t>(pooled + kVectorSlack)), std::vector<float>(on.input.size()),
              std::vector<float>(on.weight.size()), std::vector<float>(on.bias.size())};
  std::vector<uint8_t> choices(static_cast<size_t>(pooled + kVectorSlack));
  std::vector<float> scratch(static_cast<size_t>(kernel.scratch_floats(s)));
  kernel.forward(s, on.input.data(), on.weight.data(), on.bias.data(), block.output.data(), choices.data(),
                 scratch.data());
  kernel.backward(s, on.input.data(), on.weight.data(), choices.data(), on.grad_output.data(), block.grad_input.data(),
                  block.grad_weight.data(), block.grad_bias.data(), scratch.data());
  block.output.resize(static_cast<size_t>(pooled));
  block.grad_input.resize(on.input.size() - kVectorSlack);
  return block;
}

// One pooled value and its gradient at a time.
class Reference {
 public:
  Reference(const ConvShape& shape, const Operands& operands)
      : s_(shape),
        on_(operands),
        block_{{},
               std::vector<float>(operands.input.size() - kVectorSlack),
               std::vector<float>(operands.weight.size()),
               std::vector<float>(operands.bias.size())} {
    for (int64_t f = 0; f < s_.filters; ++f) {
      for (int64_t row = 0; row < s_.pooled_height; ++row) {
        for (int64_t column = 0; column < s_.pooled_width; ++column) {
          for (int64_t n = 0; n < s_.samples; ++n) pool(f, row, column, n);
        }
      }
    }
  }
  Block take() { return std::move(block_); }

 private:
  size_t input_at(int64_t c, int64_t row, int64_t column, int64_t n) const {
    return static_cast<size_t>(((c * s_.height + row) * s_.width + column) * s_.samples + n);
  }
  size_t weight_at(int64_t f, int64_t c, int64_t i, int64_t j) const {
    return static_cast<size_t>(((f * s_.channels + c) * s_.kernel + i) * s_.kernel + j);
  }
  template <typename Visit>
  void each_tap(int64_t f, int64_t row, int64_t column, int64_t n, Visit visit) const {
    for (int64_t c = 0; c < s_.channels; ++c) {
      for (int64_t i = 0; i < s_.kernel; ++i) {
        for (int64_t j = 0; j < s_.kernel; ++j) visit(weight_at(f, c, i, j), input_at(c, row + i, column + j, n));
      }
    }
  }
  void pool(int64_t f, int64_t row, int64_t column, int64_t n) {
    float best = 0;
    int64_t best_row = -1, best_column = -1;
    for (const int64_t pixel : {0, 1, 2, 3}) {
      const int64_t r = 2 * row + pixel / 2, c = 2 * column + pixel % 2;
      float sum = on_.bias[static_cast<size_t>(f)];
      each_tap(f, r, c, n, [&](size_t w, size_t x) { sum += on_.weight[w] * on_.input[x]; });
      if (sum <= best) continue;
      best = sum;
      best_row = r;
      best_column = c;
    }
    const float gradient = on_.grad_output[block_.output.size()];
    block_.output.push_back(best);
    if (best_row < 0) return;  // the ReLU is closed
    block_.grad_bias[static_cast<size_t>(f)] += gradient;
    each_tap(f, best_row, best_column, n, [&](size_t w, size_t x) {
      block_.grad_weight[w] += gradient * on_.input[x];
      block_.grad_input[x] += gradient * on_.weight[w];
    });
  }

  const ConvShape& s_;
  const Operands& on_;
  Block block_;
};

bool are_close(const std::vector<float>& found, const std::vector<float>& expected, float tolerance) {
  if (found.size() != expected.size()) return false;
  for (size_t i = 0; i < found.size(); ++i) {
    if (!(std::abs(found[i] - expected[i]) <= tolerance * (1 + std::abs(expected[i])))) return false;
  }
  return true;
}

void check(const ConvShape& s) {
  const Operands on(s);
  const Block expected = Reference(s, on).take();
  for (const Processor processor : {Processor::kPortable, Processor::kAvx2, Processor::kAvx512}) {
    if (!runs_here(processor)) continue;
    const Block found = computed(conv_kernel_of(processor), s, on);
    INFO("samples " << s.samples << " channels " << s.channels << " size " << s.height << "x" << s.width << " filters "
                    << s.filters << " kernel " << s.kernel << " processor " << static_cast<int>(processor));
    CHECK(are_close(found.output, expected.output, 1e-4F));
    CHECK(are_close(found.grad_input, expected.grad_input, 1e-3F));
    CHECK(are_close(found.grad_weight, expected.grad_weight, 1e-3F));
    CHECK(are_close(found.grad_bias, expected.grad_bias, 1e-3F));
  }
}

ConvShape shape(int64_t samples, int64_t channels, int64_t height, int64_t width, int64_t filters, int64_t kernel) {
  return {samples, channels, height, width, filters, kernel, (height - kernel + 1) / 2, (width - kernel + 1) / 2};
}

}  // namespace

TEST_CASE("Convolutions are right for every number of samples around a vector's edges", "[kernels]") {
  for (int64_t samples = 1; samples <= 35; ++samples) check(shape(samples, 2, 9, 8, 3, 3));
}

TEST_CASE("Convolutions are right for every size, odd ones too", "[kernels]") {
  for (int64_t height = 6; height <= 12; ++height) {
    for (int64_t width = 6; width <= 12; ++width) check(shape(4, 1, height, width, 2, 5));
  }
}

TEST_CASE("Convolutions are right for every kernel and any number of channels and filters", "[kernels]") {
  for (int64_t kernel = 1; kernel <= kLargestKernel; ++kernel) check(shape(5, 2, kernel + 3, kernel + 4, 2, kernel));
  for (int64_t channels = 1; channels <= 11; ++channels) check(shape(3, channels, 7, 7, 2, 3));
  for (int64_t filters = 1; filters <= 21; ++filters) check(shape(3, 2, 7, 7, filters, 3));
}
