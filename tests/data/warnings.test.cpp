#include "data/warnings.hpp"

#include <torch/torch.h>

#include "base/error.hpp"
#include "data/class_labels.hpp"
#include "image/image_store.hpp"
#include "image/one_colour.hpp"
#include "tests/catch.hpp"
#include "tests/codec/image/made_jpeg.hpp"
#include "tests/models/tiny_data.hpp"
#include "tests/temporary.hpp"

using namespace smlt;

namespace {

data::DataSet with_targets(const std::vector<int64_t>& targets, int64_t classes) {
  data::DataSet data;
  data.train = {torch::zeros({static_cast<int64_t>(targets.size()), 2}), torch::tensor(targets, torch::kLong)};
  data.labels = data::numbered_labels(classes);
  return data;
}

// The only sentence, or "".
std::string warning_of(const data::DataSet& data) {
  const std::vector<std::string> sentences = data::warnings(data);
  REQUIRE(sentences.size() <= 1);
  return sentences.empty() ? "" : sentences[0];
}

codec::Image image_of(int64_t channels, std::vector<uint8_t> pixels) {
  return {1, static_cast<int64_t>(pixels.size()) / channels, channels, std::move(pixels)};
}

}  // namespace

TEST_CASE("Sound data has no warning", "[data]") {
  for (const auto& [name, tiny] : test::tiny_sets()) {
    INFO(name);
    CHECK(data::warnings(tiny.data()).empty());
  }
  CHECK(warning_of(with_targets({0, 0, 1, 1}, 2)).empty());
}

TEST_CASE("Data with only one class is refused", "[data]") {
  for (const int64_t label : {0, 2}) {
    const data::DataSet data = with_targets(std::vector<int64_t>(9, label), 3);
    CHECK_THROWS_WITH(data::warnings(data), "Expected training data of two or more classes, found only '" +
                                                std::to_string(label) +
                                                "' (9 rows); add the others, or check the labels.");
  }
}

TEST_CASE("Nearly one class per row is reported", "[data]") {
  std::vector<int64_t> index;
  for (int64_t i = 0; i < 640; ++i) index.push_back(i);
  CHECK_THAT(warning_of(with_targets(index, 640)), ContainsSubstring("The 640 rows to train on are of 640 classes"));
  for (size_t i = 321; i < 640; ++i) index[i] = 0;  // half of them plus one
  CHECK_THAT(warning_of(with_targets(index, 321)), ContainsSubstring("are of 321 classes, nearly one per row"));
  for (int64_t& label : index) label /= 2;
  CHECK_THAT(warning_of(with_targets(index, 161)), !ContainsSubstring("nearly one per row"));
}

TEST_CASE("Classes with a single row or none are counted, with an example", "[data]") {
  const auto fits = [](const std::string& phrase) { return ContainsSubstring(phrase); };
  CHECK_THAT(warning_of(with_targets({0, 0, 0, 0, 1, 2, 2}, 3)),
             fits("Of 3 classes the training data has 1 with a single row (such as '1'); "));
  CHECK_THAT(warning_of(with_targets({3, 3, 3, 3, 7, 7}, 8)),
             fits("Of 8 classes the training data has 6 without a row (such as '0'); "));
  CHECK_THAT(warning_of(with_targets({3, 3, 3, 3, 6, 7, 7, 0}, 8)),
             fits("has 2 with a single row (such as '0') and 4 without a row (such as '1'); "));
}

TEST_CASE("Arrays of images that are all one colour are counted", "[data]") {
  data::DataSet data = test::tiny_images(64, /*side=*/32, /*classes=*/4, /*channels=*/3);
  data.train.inputs[5].fill_(0);
  data.train.inputs[9][0].fill_(200);  // each of the three channels separately
  data.train.inputs[9][1].fill_(100);
  data.train.inputs[9][2].fill_(0);
  data.train.inputs[11][0].fill_(200);  // two channels only
  data.train.inputs[11][1].fill_(100);
  CHECK(
      warning_of(data) ==
      "2 of 64 images to train on are nothing but one colour, such as the image at index 5; check how they were made.");
  data.train.inputs[5][2][31][31] = 1;  // only the last pixel
  data.validation.inputs.fill_(255);
  const std::vector<std::string> both = data::warnings(data);
  REQUIRE(both.size() == 2);
  CHECK_THAT(both[0],
             ContainsSubstring("1 of 64 images to train on is nothing but one colour, such as the image at index 9"));
  CHECK_THAT(both[1], ContainsSubstring("32 of 32 images to evaluate on are"));
}

TEST_CASE("An image is of one colour whatever its transparency", "[data]") {
  CHECK(image::is_one_colour(image_of(1, {7, 7, 7})));
  CHECK_FALSE(image::is_one_colour(image_of(1, {7, 7, 8})));
  CHECK(image::is_one_colour(image_of(3, {1, 2, 3, 1, 2, 3})));
  CHECK_FALSE(image::is_one_colour(image_of(3, {1, 2, 3, 1, 2, 4})));
  CHECK(image::is_one_colour(image_of(4, {1, 2, 3, 0, 1, 2, 3, 255})));
  CHECK_FALSE(image::is_one_colour(image_of(4, {1, 2, 3, 0, 9, 2, 3, 0})));
}

TEST_CASE("Image files of one colour are counted and named, kept in memory or not", "[data]") {
  const test::TemporaryDirectory directory;
  std::vector<image::ImageStore::File> files;
  for (int i = 0; i < 6; ++i) {
    std::vector<uint8_t> samples = test::slow_samples(48, 40, 3);
    if (i % 3 == 1) samples.assign(samples.size(), static_cast<uint8_t>(40 * i));
    const std::string bytes = test::made_jpeg({48, 40, JCS_RGB, JCS_YCbCr, samples});
    files.push_back({directory.write(std::to_string(i) + ".jpg", bytes), i % 2});
  }
  for (const int64_t bytes : {int64_t{0}, int64_t{1} << 20}) {
    const auto store = std::make_shared<image::ImageStore>(
        image::ImageStore::Options{0, [](const codec::Image& image) { return image::shrunk(image, "RGB", 64); }});
    image::ImageMemory memory(bytes);
    CHECK(store->add(files, memory).empty());
    data::DataSet data = with_targets({0, 1, 0, 1, 0, 1}, 2);
    data.train.images = store;
    CHECK_THAT(warning_of(data), ContainsSubstring("2 of 6 images to train on are nothing but one colour, such as ") &&
                                     ContainsSubstring("1.jpg'"));
  }
}
