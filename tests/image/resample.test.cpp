#include "image/resample.hpp"

#include <torch/torch.h>

#include <array>

#include "tests/catch.hpp"

using namespace smlt;
using image::Span;
using kernels::Processor;

namespace {

constexpr std::array kProcessors = {Processor::kPortable, Processor::kAvx2, Processor::kAvx512};

at::Tensor random_image(int64_t channels, int64_t height, int64_t width) {
  torch::manual_seed(static_cast<uint64_t>(height * 1000 + width));
  at::Tensor image = torch::randint(0, 256, {1, channels, height, width}, torch::kByte);
  image.view(-1).narrow(0, 0, image.numel() / 2).clamp_(100, 101);  // where rounding shows
  return image.contiguous(at::MemoryFormat::ChannelsLast);
}

at::Tensor whole(const at::Tensor& image, int64_t height, int64_t width) {
  return at::_upsample_bilinear2d_aa(image, {height, width}, /*align_corners=*/false);
}

bool runs_here_or_says_so(Processor processor) {
  if (kernels::runs_here(processor)) return true;
  WARN("skipped: this processor cannot run kernel " << static_cast<int>(processor));
  return false;
}

}  // namespace

TEST_CASE("An image is scaled to the same bytes as by LibTorch's operator", "[image]") {
  const Processor processor = GENERATE(from_range(kProcessors));
  if (!runs_here_or_says_so(processor)) return;
  const int64_t channels = GENERATE(1, 3);
  struct Sizes {
    int64_t height, width, new_height, new_width;
  };
  for (const Sizes& s : {Sizes{375, 500, 256, 341}, Sizes{7, 5, 7, 5}, Sizes{1, 1, 3, 4}, Sizes{1, 9, 4, 2},
                         Sizes{33, 21, 66, 20}, Sizes{20, 301, 3, 31}, Sizes{64, 64, 1, 1}, Sizes{5, 4, 224, 224},
                         Sizes{900, 40, 11, 300}, Sizes{2, 2, 2, 5}, Sizes{3000, 3, 2, 2}}) {
    INFO(s.height << "x" << s.width << " to " << s.new_height << "x" << s.new_width);
    const at::Tensor image = random_image(channels, s.height, s.width);
    const at::Tensor out =
        image::resampled(image, s.new_height, s.new_width, {0, s.new_height}, {0, s.new_width}, processor);
    CHECK(out.is_contiguous(at::MemoryFormat::ChannelsLast));
    CHECK(torch::equal(out, whole(image, s.new_height, s.new_width)));
  }
}

TEST_CASE("A part of a scaled image equals that part of the whole one, even for a part of an image", "[image]") {
  const Processor processor = GENERATE(from_range(kProcessors));
  if (!runs_here_or_says_so(processor)) return;
  const int64_t channels = GENERATE(1, 3);
  const at::Tensor image = random_image(channels, 90, 120);
  const at::Tensor inner = image.narrow(2, 11, 79).narrow(3, 40, 80);  // to the last byte
  for (const at::Tensor& source : {image, inner, image.contiguous()}) {
    const at::Tensor expected = whole(source.contiguous(at::MemoryFormat::ChannelsLast), 50, 70);
    for (const auto& [rows, columns] : {std::array{Span{0, 50}, Span{0, 70}}, std::array{Span{7, 30}, Span{9, 50}},
                                        std::array{Span{49, 1}, Span{69, 1}}, std::array{Span{0, 1}, Span{20, 50}}}) {
      const at::Tensor out = image::resampled(source, 50, 70, rows, columns, processor);
      CHECK(torch::equal(out, expected.narrow(2, rows.begin, rows.size).narrow(3, columns.begin, columns.size)));
    }
  }
  CHECK_THROWS(image::resampled(image, 50, 70, {1, 50}, {0, 70}, processor));
}

TEST_CASE("Channels are put first, whatever the layout", "[image]") {
  const Processor processor = GENERATE(from_range(kProcessors));
  if (!runs_here_or_says_so(processor)) return;
  const at::Tensor image = random_image(3, 13, 17);
  for (const at::Tensor& pixels : {image, image.contiguous(), image.narrow(3, 2, 9), random_image(1, 5, 4)}) {
    const at::Tensor out = image::channels_first(pixels, processor);
    CHECK(out.is_contiguous());
    CHECK(torch::equal(out, pixels));
  }
}
