// The resampling kernels without LibTorch, so that the address sanitizer sees every access.
#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

#include "kernels/resample_kernel.hpp"
#include "tests/catch.hpp"

using namespace smlt::kernels;

namespace {

using Bytes = std::vector<uint8_t>;

constexpr int kPrecision = 14;

Bytes random_bytes(int64_t count) {
  std::mt19937 generator(5);
  Bytes bytes(static_cast<size_t>(count));
  for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(generator());
  return bytes;
}

// Outputs spread over the inputs, each with weights of its own that add up to 1.
struct Axis {
  Axis(int64_t inputs, int64_t outputs, int64_t of_taps) : taps(std::min(of_taps, inputs)) {
    stride = (taps + 3) / 4 * 4;
    weights.resize(static_cast<size_t>(outputs * stride));
    for (int64_t i = 0; i < outputs; ++i) {
      first.push_back(outputs == 1 ? 0 : i * (inputs - taps) / (outputs - 1));
      int16_t left = 1 << kPrecision;
      for (int64_t k = 0; k < taps; ++k) {
        const auto weight = static_cast<int16_t>(k + 1 == taps ? left : left / (2 + (i + k) % 3));
        weights[static_cast<size_t>(i * stride + k)] = weight;
        left = static_cast<int16_t>(left - weight);
      }
    }
  }
  ResampleAxis view() const {
    return {first.data(), weights.data(), static_cast<int64_t>(first.size()), taps, stride, kPrecision};
  }

  int64_t taps, stride;
  std::vector<int64_t> first;
  std::vector<int16_t> weights;
};

// Output i of the values that `at(input)` gives.
template <typename At>
uint8_t expected(const ResampleAxis& axis, int64_t i, At at) {
  int64_t sum = int64_t{1} << (kPrecision - 1);
  for (int64_t k = 0; k < axis.taps; ++k) sum += int64_t{axis.weights[i * axis.stride + k]} * at(axis.first[i] + k);
  return static_cast<uint8_t>(std::clamp<int64_t>(sum >> kPrecision, 0, 255));
}

std::vector<Processor> here() {
  std::vector<Processor> kinds = {Processor::kPortable};
  if (runs_here(Processor::kAvx2)) kinds.push_back(Processor::kAvx2);
  return kinds;
}

void check_along_rows(int64_t width, int64_t outputs, int64_t taps, int64_t channels) {
  constexpr int64_t kRows = 3;
  const Axis axis(width, outputs, taps);
  const int64_t stride = width * channels, to_stride = outputs * channels + 4;
  const Bytes from = random_bytes(kRows * stride);
  for (const Processor processor : here()) {
    Bytes to(static_cast<size_t>(kRows * to_stride));
    resample_kernel_of(processor).along_rows(axis.view(), channels, {from.data(), kRows, stride, kRows * stride},
                                             to.data(), to_stride);
    bool is_right = true;
    for (int64_t row = 0; row < kRows; ++row) {
      for (int64_t i = 0; i < outputs * channels; ++i) {
        const auto at = [&](int64_t x) {
          return from[static_cast<size_t>(row * stride + x * channels + i % channels)];
        };
        is_right &= to[static_cast<size_t>(row * to_stride + i)] == expected(axis.view(), i / channels, at);
      }
    }
    INFO("width " << width << " to " << outputs << ", taps " << taps << ", channels " << channels);
    CHECK(is_right);
  }
}

void check_across_rows(int64_t height, int64_t outputs, int64_t taps, int64_t width) {
  const Axis axis(height, outputs, taps);
  const Bytes from = random_bytes(height * width);
  for (const Processor processor : here()) {
    Bytes to(static_cast<size_t>(outputs * width));
    resample_kernel_of(processor).across_rows(axis.view(), {from.data(), height, width, height * width}, width,
                                              to.data());
    bool is_right = true;
    for (int64_t i = 0; i < outputs; ++i) {
      for (int64_t x = 0; x < width; ++x) {
        const auto at = [&](int64_t y) { return from[static_cast<size_t>(y * width + x)]; };
        is_right &= to[static_cast<size_t>(i * width + x)] == expected(axis.view(), i, at);
      }
    }
    INFO("height " << height << " to " << outputs << ", taps " << taps << ", width " << width);
    CHECK(is_right);
  }
}

}  // namespace

TEST_CASE("Rows are resampled right for every width and any taps", "[kernels]") {
  for (const int64_t channels : {1, 3}) {
    for (int64_t width = 1; width <= 40; ++width) {
      for (const int64_t taps : {1, 2, 3, 5, 9}) check_along_rows(width, width / 2 + 1, taps, channels);
    }
    for (int64_t outputs = 1; outputs <= 40; ++outputs) check_along_rows(23, outputs, 4, channels);
  }
}

TEST_CASE("Columns are resampled right for every width and any taps", "[kernels]") {
  for (int64_t width = 1; width <= 70; ++width) check_across_rows(7, 4, 3, width);
  for (const int64_t taps : {1, 2, 4, 5, 9, 17}) check_across_rows(20, 11, taps, 37);
}

TEST_CASE("Pixels of three bytes are put into planes, whatever their number", "[kernels]") {
  for (int64_t pixels = 1; pixels <= 70; ++pixels) {
    const Bytes from = random_bytes(3 * pixels);
    for (const Processor processor : here()) {
      Bytes to(from.size());
      resample_kernel_of(processor).to_planes(from.data(), pixels, to.data());
      bool is_right = true;
      for (int64_t i = 0; i < 3 * pixels; ++i)
        is_right &= to[static_cast<size_t>(i % 3 * pixels + i / 3)] == from[static_cast<size_t>(i)];
      INFO(pixels << " pixels");
      CHECK(is_right);
    }
  }
}
