#include "image/image.hpp"

#include <torch/torch.h>

#include "tests/catch.hpp"

using namespace smlt;
using image::ImageSpec;

namespace {

const ImageSpec kMnist = {
    .mode = "L", .resize = 28, .crop_height = 28, .crop_width = 28, .mean = {0.1307}, .std = {0.3081}};

codec::Image filled(int64_t height, int64_t width, std::vector<uint8_t> pixel) {
  codec::Image image{height, width, static_cast<int64_t>(pixel.size()), {}};
  for (int64_t i = 0; i < height * width; ++i) image.pixels.insert(image.pixels.end(), pixel.begin(), pixel.end());
  return image;
}

}  // namespace

TEST_CASE("Pixels are scaled and normalised per channel", "[image]") {
  const ImageSpec spec = {.mean = {0.5, 0.25, 0}, .std = {0.5, 0.25, 1}};
  const at::Tensor out = image::normalized(torch::full({2, 3, 1, 1}, 255, torch::kByte), spec);
  CHECK(torch::equal(out[1].flatten(), torch::tensor({1.0f, 3.0f, 1.0f})));  // (1-.5)/.5, (1-.25)/.25, (1-0)/1
}

TEST_CASE("An image of the right size passes unchanged", "[image]") {
  codec::Image image = filled(28, 28, {7});
  image.pixels[30] = 200;  // row 1, column 2
  const at::Tensor out = image::prepared(image, kMnist);
  CHECK(out.sizes() == at::IntArrayRef({1, 1, 28, 28}));
  CHECK(out[0][0][1][2].item<int>() == 200);
  CHECK(out.sum().item<int64_t>() == 783 * 7 + 200);
}

TEST_CASE("Colour becomes grey with Pillow's weights", "[image]") {
  // (255*19595 + 0x8000) >> 16 = 76.
  CHECK(image::prepared(filled(28, 28, {255, 0, 0}), kMnist)[0][0][0][0].item<int>() == 76);
  CHECK(image::prepared(filled(28, 28, {255, 255, 255}), kMnist)[0][0][0][0].item<int>() == 255);
}

TEST_CASE("The shorter side is resized and the middle is cropped", "[image]") {
  codec::Image image = filled(56, 112, {0});
  for (int64_t row = 0; row < 56; ++row) {
    for (int64_t column = 28; column < 84; ++column) image.pixels[static_cast<size_t>(row * 112 + column)] = 90;
  }
  const at::Tensor out = image::prepared(image, kMnist);
  CHECK(out.sizes() == at::IntArrayRef({1, 1, 28, 28}));
  CHECK(out.narrow(3, 2, 24).eq(90).all().item<bool>());
}

TEST_CASE("Grey becomes three equal channels if the network takes colour, and small images are padded", "[image]") {
  const ImageSpec spec = {.mode = "RGB", .crop_height = 4, .crop_width = 4, .mean = {0, 0, 0}, .std = {1, 1, 1}};
  const at::Tensor out = image::prepared(filled(2, 2, {9}), spec);
  CHECK(out.sizes() == at::IntArrayRef({1, 3, 4, 4}));
  CHECK(out.sum().item<int64_t>() == 3 * 4 * 9);
  CHECK(out[0][2][1][1].item<int>() == 9);
  CHECK(out[0][0][0][0].item<int>() == 0);
}

TEST_CASE("A line of pixels, which would take 6 GB once it is scaled, is refused", "[image]") {
  const ImageSpec spec = {
      .mode = "RGB", .resize = 256, .crop_height = 224, .crop_width = 224, .mean = {0, 0, 0}, .std = {1, 1, 1}};
  CHECK_THROWS_WITH(image::prepared(filled(1, 32768, {9, 8, 7}), spec), ContainsSubstring("32768x1 pixels"));
  CHECK(image::prepared(filled(1, 200, {9, 8, 7}), spec)[0][2].eq(7).all().item<bool>());
}
