#include "data/idx_split.hpp"

#include <torch/torch.h>

#include "base/error.hpp"
#include "codec/array/idx.hpp"
#include "tests/catch.hpp"
#include "tests/temporary.hpp"

using namespace smlt;

namespace {

datasets::IdxReading reading_of(const test::TemporaryDirectory& directory, int64_t images,
                                std::vector<uint8_t> labels) {
  codec::ByteArray pixels{{images, 2, 3}, {}};
  for (int64_t i = 0; i < images * 6; ++i) pixels.data.push_back(static_cast<uint8_t>(i));
  const auto count = static_cast<int64_t>(labels.size());
  codec::write_idx(directory.path() / "images", pixels);
  codec::write_idx(directory.path() / "labels", codec::ByteArray{{count}, std::move(labels)});
  return datasets::IdxReading({directory.path() / "images", directory.path() / "labels", "images"});
}

}  // namespace

TEST_CASE("A pair of IDX files becomes pixels and class numbers in the order of the files", "[data]") {
  const test::TemporaryDirectory directory;
  datasets::IdxReading reading = reading_of(directory, 2, {9, 255});
  const data::Split split = data::idx_split(reading);
  CHECK(split.size() == 2);
  CHECK(torch::equal(split.inputs, torch::arange(12).to(torch::kByte).view({2, 1, 2, 3})));
  CHECK(torch::equal(split.targets, torch::tensor({9, 255}, torch::kLong)));
}

TEST_CASE("Counts that differ are refused with both files and counts", "[data]") {
  const test::TemporaryDirectory directory;
  datasets::IdxReading reading = reading_of(directory, 3, {1, 2});
  CHECK_THROWS_WITH(data::idx_split(reading), ContainsSubstring("3 images in") && ContainsSubstring("2 labels in") &&
                                                  ContainsSubstring("/labels'"));
}

TEST_CASE("A pair without an image is refused", "[data]") {
  const test::TemporaryDirectory directory;
  datasets::IdxReading reading = reading_of(directory, 0, {});
  CHECK_THROWS_AS(data::idx_split(reading), UserError);
}
