#include "image/pixel_rows.hpp"

#include <torch/torch.h>

#include "tests/catch.hpp"

using namespace smlt;

TEST_CASE("rows of pixels are gathered and normalised to the same bits as by LibTorch's operators", "[image]") {
  // Every value in every channel.
  const at::Tensor pixels = torch::arange(256, torch::kByte).view({1, 1, 16, 16}).repeat({5, 3, 1, 1}).contiguous();
  pixels[3].fill_(7);
  const image::ImageSpec spec = {.mode = "RGB", .mean = {0.1307, 0.456, 0.5}, .std = {0.3081, 0.224, 0.5}};
  for (const at::Tensor& rows : {torch::tensor({4, 3, 0, 3}), torch::tensor({1}), torch::arange(5).repeat({40}),
                                 torch::empty({0}, torch::kLong)}) {
    const at::Tensor expected = image::normalized(pixels.index_select(0, rows), spec);
    CHECK(torch::equal(image::normalized_rows(pixels, rows, spec), expected));
  }
}

TEST_CASE("a row that does not exist is refused", "[image]") {
  const at::Tensor pixels = torch::zeros({2, 1, 4, 4}, torch::kByte);
  const image::ImageSpec spec = {.mode = "L", .mean = {0.5}, .std = {0.5}};
  CHECK_THROWS_AS(image::normalized_rows(pixels, torch::tensor({2}), spec), c10::IndexError);
  CHECK_THROWS_AS(image::normalized_rows(pixels, torch::tensor({-1}), spec), c10::IndexError);
}
