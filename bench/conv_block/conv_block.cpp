// Microseconds of one block, forward and backward, beside LibTorch's operators on the same thread, for the tutorials'
// shapes: the fastest of many repetitions, operators and autograd included. Prints one line of JSON per shape;
// bench/conv_block/run builds and runs it.
#include "tensor/conv_block.hpp"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <fmt/format.h>
#include <malloc.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <chrono>

using namespace smlt;

namespace {

struct Shape {
  const char* name;
  int64_t samples, channels, side, filters;
  bool first;  // images need no gradient
};

constexpr int64_t kKernel = 5;
constexpr Shape kShapes[] = {
    {"MNIST conv1", 16, 1, 28, 10, true}, {"MNIST conv2", 16, 10, 12, 20, false},
    {"MNIST conv1", 32, 1, 28, 10, true}, {"MNIST conv2", 32, 10, 12, 20, false},
    {"MNIST conv1", 64, 1, 28, 10, true}, {"MNIST conv2", 64, 10, 12, 20, false},
    {"CIFAR conv1", 4, 3, 32, 6, true},   {"CIFAR conv2", 4, 6, 14, 16, false},
};

using Block = at::Tensor (*)(const at::Tensor&, const at::Tensor&, const at::Tensor&);

struct Micros {
  double forward = 1e9, backward = 1e9;
};

Micros measure(Block block, const at::Tensor& x, const at::Tensor& w, const at::Tensor& b) {
  using Clock = std::chrono::steady_clock;
  const auto micros = [](Clock::duration d) { return std::chrono::duration<double, std::micro>(d).count(); };
  std::vector<at::Tensor> wanted = {w, b};
  if (x.requires_grad()) wanted.push_back(x);
  at::Tensor gradient;
  Micros best;
  for (int i = 0; i < 400; ++i) {
    const auto begin = Clock::now();
    const at::Tensor y = block(x, w, b);
    const auto middle = Clock::now();
    if (!gradient.defined()) gradient = at::randn_like(y);  // has the output's memory layout
    const auto start = Clock::now();
    torch::autograd::grad({y}, wanted, {gradient});
    best.forward = std::min(best.forward, micros(middle - begin));
    best.backward = std::min(best.backward, micros(Clock::now() - start));
  }
  return best;
}

// The input's layout: pictures as a batch of images, inner ones as a block leaves them.
at::Tensor input(const Shape& s, bool innermost) {
  const at::Tensor x = at::randn({s.samples, s.channels, s.side, s.side});
  if (s.first) return x;
  const at::Tensor laid = innermost ? x.permute({1, 2, 3, 0}).contiguous().permute({3, 0, 1, 2}) : x;
  return laid.detach().requires_grad_();
}

// This thread's fused multiply-adds with nothing else to do, in 10^9 floating-point operations per second.
double peak() {
#if defined(__x86_64__)
  if (!kernels::runs_here(kernels::Processor::kAvx512)) return 0;
  double seconds = 1e9;
  for (int i = 0; i < 2000; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    // From zero: the registers' previous contents may be denormal, and slow.
    asm volatile(
        "vzeroall\n .rept 1000\n"
        "vfmadd231ps %%zmm12,%%zmm13,%%zmm0\n vfmadd231ps %%zmm12,%%zmm13,%%zmm1\n"
        "vfmadd231ps %%zmm12,%%zmm13,%%zmm2\n vfmadd231ps %%zmm12,%%zmm13,%%zmm3\n"
        "vfmadd231ps %%zmm12,%%zmm13,%%zmm4\n vfmadd231ps %%zmm12,%%zmm13,%%zmm5\n"
        "vfmadd231ps %%zmm12,%%zmm13,%%zmm6\n vfmadd231ps %%zmm12,%%zmm13,%%zmm7\n"
        "vfmadd231ps %%zmm12,%%zmm13,%%zmm8\n vfmadd231ps %%zmm12,%%zmm13,%%zmm9\n .endr\n vzeroupper" ::
            : "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12",
              "xmm13", "xmm14", "xmm15");
    seconds = std::min(seconds, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  }
  return 1000 * 10 * 32 / seconds * 1e-9;
#else
  return 0;
#endif
}

void report(const Shape& s, double best) {
  const at::Tensor w = at::randn({s.filters, s.channels, kKernel, kKernel}).requires_grad_();
  const at::Tensor b = at::randn({s.filters}).requires_grad_();
  const Micros ours = measure(tensor::conv_pool_relu, input(s, true), w, b);
  const Micros plain = measure(tensor::conv_pool_relu_plain, input(s, false), w, b);
  const int64_t side = (s.side - kKernel + 1) / 2 * 2;
  const auto products = static_cast<double>(2 * s.samples * s.filters * s.channels * kKernel * kKernel * side * side);
  const double rate = products * (s.first ? 2 : 3) / (ours.forward + ours.backward) * 1e-3;
  fmt::print(
      "{{\"shape\": \"{}\", \"rows\": {}, \"block\": [{:.2f}, {:.2f}], \"LibTorch\": [{:.2f}, {:.2f}], "
      "\"gflops\": {:.2f}, \"peak\": {:.2f}}}\n",
      s.name, s.samples, ours.forward, ours.backward, plain.forward, plain.backward, rate, best);
}

}  // namespace

int main() {
  ::mallopt(M_MMAP_THRESHOLD, 256 << 20);  // as the program does: freed memory is kept
  ::mallopt(M_TRIM_THRESHOLD, 256 << 20);
  at::set_num_threads(1);
  const double best = peak();
  for (const Shape& shape : kShapes) report(shape, best);
}
