#include "image/augment.hpp"

#include <torch/torch.h>

#include <cmath>

#include "tests/catch.hpp"

using namespace smlt;
using image::Augmentation;

namespace {

const image::ImageSpec kSpec = {.crop_height = 4, .crop_width = 4, .mean = {0, 0, 0}, .std = {1, 1, 1}};

// The first channel of the result for 4x4 pixels 0..15, as whole numbers.
std::vector<int> result(double angle, bool is_flipped) {
  const at::Tensor pixels = torch::arange(16, torch::kByte)
                                .view({1, 1, 4, 4})
                                .expand({1, 3, 4, 4})
                                .contiguous(at::MemoryFormat::ChannelsLast);
  at::Tensor out = torch::empty({4, 4, 3});
  image::augment(pixels, {.resize = 4}, {.height = 4, .width = 4, .angle = angle, .is_flipped = is_flipped}, kSpec,
                 out.mutable_data_ptr<float>());
  const at::Tensor first = out.select(2, 0).mul(255).round().to(torch::kInt).contiguous().flatten();
  return {first.const_data_ptr<int>(), first.const_data_ptr<int>() + 16};
}

}  // namespace

TEST_CASE("Rotations are counter-clockwise, and flips come after them", "[image]") {
  CHECK(result(0, false) == std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15});
  CHECK(result(0, true) == std::vector<int>{3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12});
  CHECK(result(90, false) == std::vector<int>{3, 7, 11, 15, 2, 6, 10, 14, 1, 5, 9, 13, 0, 4, 8, 12});
  CHECK(result(90, true) == std::vector<int>{15, 11, 7, 3, 14, 10, 6, 2, 13, 9, 5, 1, 12, 8, 4, 0});
}

TEST_CASE("Draws stay inside the image and the ranges, and reach both ends", "[image]") {
  const image::AugmentSpec spec;
  double least_area = 1, most_area = 0, least_angle = 15, most_angle = -15;
  int flipped = 0;
  for (int64_t row = 0; row < 2000; ++row) {
    const Augmentation drawn = image::draw_augmentation(spec, 300, 400, {.seed = 3}, row);
    REQUIRE(drawn.top >= 0);
    REQUIRE(drawn.left >= 0);
    REQUIRE(drawn.top + drawn.height <= 300);
    REQUIRE(drawn.left + drawn.width <= 400);
    const double area = static_cast<double>(drawn.height * drawn.width) / (300 * 400);
    const double ratio = static_cast<double>(drawn.width) / static_cast<double>(drawn.height);
    REQUIRE(ratio > 0.74);
    REQUIRE(ratio < 1.35);
    least_area = std::min(least_area, area), most_area = std::max(most_area, area);
    least_angle = std::min(least_angle, drawn.angle), most_angle = std::max(most_angle, drawn.angle);
    flipped += drawn.is_flipped ? 1 : 0;
  }
  CHECK(least_area == Approx(0.8).margin(0.01));
  CHECK(most_area == Approx(1.0).margin(0.02));
  CHECK(least_angle == Approx(-15).margin(0.1));
  CHECK(most_angle == Approx(15).margin(0.1));
  CHECK(flipped == Approx(1000).margin(100));
}

TEST_CASE("An image too narrow for any trial gives its middle", "[image]") {
  const Augmentation drawn = image::draw_augmentation({}, 100, 1000, {.seed = 1}, 0);
  CHECK(drawn.height == 100);
  CHECK(drawn.width == 133);  // 100 / .75
  CHECK(drawn.left == 433);
}
