#include "serve/shape.hpp"

#include <torch/torch.h>

#include "base/error.hpp"
#include "codec/array/shape.hpp"
#include "tests/catch.hpp"

using namespace smlt;

namespace {

using Shape = std::vector<int64_t>;

artifact::Manifest model(std::vector<std::optional<int64_t>> shape, int64_t crop = 0) {
  artifact::Manifest manifest{.model = "m",
                              .recipe = "",
                              .input_shape = std::move(shape),
                              .output = "logits",
                              .labels = {},
                              .image = {},
                              .hyperparameters = {},
                              .metrics = {}};
  if (crop > 0)
    manifest.image = {.mode = "RGB", .resize = crop, .crop_height = crop, .crop_width = crop, .mean = {}, .std = {}};
  return manifest;
}

const artifact::Manifest kDigits = model({std::nullopt, 1, 28, 28}, 28);
const artifact::Manifest kBirds = model({std::nullopt, 3, std::nullopt, std::nullopt}, 224);
const artifact::Manifest kTable = model({std::nullopt, 15});

Shape shape_of(Shape given, const artifact::Manifest& manifest) {
  return serve::shaped(torch::zeros(given), manifest, "the body").rows.sizes().vec();
}

}  // namespace

TEST_CASE("Numbers are brought into the shape that model.json names", "[serve]") {
  const auto [given, expected] = GENERATE(table<Shape, Shape>({
      {{2, 1, 28, 28}, {2, 1, 28, 28}},
      {{1, 28, 28}, {1, 1, 28, 28}},
      {{5, 28, 28}, {5, 1, 28, 28}},
      {{28, 28}, {1, 1, 28, 28}},
      {{784}, {1, 1, 28, 28}},
      {{3, 784}, {3, 1, 28, 28}},
  }));
  CHECK(shape_of(given, kDigits) == expected);
}

TEST_CASE("Sides of any size are those of the crop if the numbers arrive flat", "[serve]") {
  CHECK(shape_of({2, 3, 50, 60}, kBirds) == Shape{2, 3, 50, 60});
  CHECK(shape_of({3, 50, 60}, kBirds) == Shape{1, 3, 50, 60});
  CHECK(shape_of({150528}, kBirds) == Shape{1, 3, 224, 224});
  CHECK_THROWS_AS(shape_of({50, 60}, kBirds), UserError);
}

TEST_CASE("A single row of a table is accepted", "[serve]") {
  CHECK(serve::shaped(torch::zeros({15}), kTable, "").single);
  CHECK_FALSE(serve::shaped(torch::zeros({1, 15}), kTable, "").single);
  CHECK_FALSE(serve::shaped(torch::zeros({784}), kDigits, "").single);
  CHECK(shape_of({15}, kTable) == Shape{1, 15});
  CHECK(shape_of({7, 15}, kTable) == Shape{7, 15});
  CHECK(shape_of({7}, model({std::nullopt, 1})) == Shape{7, 1});  // a CSV column: rows of one feature
}

TEST_CASE("Other shapes are refused with both", "[serve]") {
  const Shape bad = GENERATE(Shape{}, Shape{783}, Shape{1, 28, 27}, Shape{1, 3, 28, 28}, Shape{1, 1, 1, 28, 28},
                             Shape{1, 2, 3}, Shape{1, 1, 28, 0});
  CHECK_THROWS_WITH(shape_of(bad, kDigits), ContainsSubstring("shape (N, 1, 28, 28) or rows of 784 in the body") &&
                                                ContainsSubstring("found shape " + codec::shape_text(bad)));
  CHECK_THROWS_WITH(shape_of({0, 1, 28, 28}, kDigits), ContainsSubstring("at least one record"));
}

TEST_CASE("Numbers of any type become float32", "[serve]") {
  const auto rows = serve::shaped(torch::full({784}, 3, torch::kByte), kDigits, "").rows;
  CHECK(rows.scalar_type() == torch::kFloat);
  CHECK(rows[0][0][5][5].item<float>() == 3);
}
