#include "image/image_store.hpp"

#include <torch/torch.h>

#include "base/error.hpp"
#include "tests/catch.hpp"
#include "tests/codec/image/made_jpeg.hpp"
#include "tests/temporary.hpp"

using namespace smlt;
namespace fs = std::filesystem;

namespace {

const image::ImageSpec kSpec = {
    .resize = 32, .crop_height = 24, .crop_width = 24, .mean = {0.5, 0.5, 0.5}, .std = {0.5, 0.5, 0.5}};

std::string picture(uint32_t width, uint32_t height) {
  return test::made_jpeg({width, height, JCS_RGB, JCS_YCbCr, test::slow_samples(width, height, 3)});
}

image::ImageStore::Options whole() {
  return {0, [](const codec::Image& image) { return image::shrunk(image, "RGB", 64); }};
}

// Four images, of which the third is cut off.
std::vector<image::ImageStore::File> write_files(const test::TemporaryDirectory& directory) {
  std::vector<image::ImageStore::File> files;
  for (int i = 0; i < 4; ++i) {
    std::string bytes = picture(static_cast<uint32_t>(40 + 8 * i), 48);
    if (i == 2) bytes.resize(bytes.size() / 2);
    files.push_back({directory.write(std::to_string(i) + ".jpg", bytes), 0});
  }
  return files;
}

}  // namespace

TEST_CASE("Images that cannot be decoded are left out and named", "[image]") {
  const test::TemporaryDirectory directory;
  image::ImageStore store(whole());
  image::ImageMemory memory(1 << 20);
  const auto refused = store.add(write_files(directory), memory);
  REQUIRE(refused.size() == 1);
  CHECK(refused[0].row == 2);
  CHECK_THAT(refused[0].reason, ContainsSubstring("2.jpg' is not a JPEG that can be read"));
  CHECK(store.size() == 3);
  CHECK(store.kept() == 3);
  CHECK(store.kept_bytes() == 3 * 48 * (40 + 48 + 64));
  CHECK(store.image(2).sizes() == at::IntArrayRef({1, 3, 48, 64}));
}

TEST_CASE("After too many images that cannot be decoded the rest is not read", "[image]") {
  const test::TemporaryDirectory directory;
  std::vector<image::ImageStore::File> files;
  for (int i = 0; i < 100; ++i) files.push_back({directory.write(std::to_string(i) + ".jpg", "no picture"), 0});
  image::ImageStore store(whole());
  image::ImageMemory memory(1 << 20);
  const size_t refused = store.add(files, memory, 2).size();
  CHECK(refused >= 3);
  CHECK(refused <= 2 + static_cast<size_t>(at::get_num_threads()));
}

TEST_CASE("Pictures of other formats are told apart from damaged images", "[image]") {
  const test::TemporaryDirectory directory;
  std::vector<image::ImageStore::File> files;
  const std::string tiff("II*\0", 4), heic = std::string(3, '\0') + "\x18" + "ftypheic";
  const std::string others[] = {"RIFF1234WEBPVP8 ", "GIF89a", tiff, heic};
  for (const std::string& bytes : others) {
    files.push_back({directory.write(std::to_string(files.size()) + ".jpg", bytes), 0});
  }
  files.push_back({directory.write("good.jpg", picture(40, 48)), 0});
  files.push_back({directory.path() / "absent.jpg", 0});
  image::ImageStore store(whole());
  image::ImageMemory memory(1 << 20);
  const auto refused = store.add(files, memory, 1);  // as many damaged ones as there are
  REQUIRE(refused.size() == 5);
  const char* const formats[] = {"WebP", "GIF", "TIFF", "HEIC", ""};
  for (size_t i = 0; i < 5; ++i) CHECK(refused[i].format == formats[i]);
  CHECK_THAT(refused[4].reason, ContainsSubstring("absent.jpg' is not there"));
  CHECK(store.size() == 1);
}

TEST_CASE("Images that do not fit in memory are decoded again to the same bits", "[image]") {
  const test::TemporaryDirectory directory;
  const std::vector<image::ImageStore::File> files = write_files(directory);
  image::ImageStore kept(whole()), streamed(whole());
  image::ImageMemory much(1 << 20), little(3 * 48 * 50);
  kept.add(files, much);
  streamed.add(files, little);
  CHECK(streamed.kept() == 1);
  const at::Tensor rows = torch::tensor({2, 0, 1});
  const tensor::RandomScope scope({.seed = 1, .epoch = 2, .step = 3});
  const at::Tensor batch = image::augmented_batch(kept, rows, {.resize = 32}, kSpec);
  CHECK(batch.sizes() == at::IntArrayRef({3, 3, 24, 24}));
  CHECK(torch::equal(batch, image::augmented_batch(streamed, rows, {.resize = 32}, kSpec)));
  fs::remove(files[3].path);
  CHECK_THROWS_AS(image::augmented_batch(streamed, rows, {.resize = 32}, kSpec), PlatformError);
}

TEST_CASE("An image's bytes from an archive take the place of its file", "[image]") {
  const std::string bytes = picture(40, 48);
  const auto content = std::make_shared<const std::vector<uint8_t>>(bytes.begin(), bytes.end());
  const std::vector<image::ImageStore::File> files = {{"a.tgz/images/a.jpg", 0, content},
                                                      {"a.tgz/images/b.jpg", 0, content}};
  image::ImageStore store(whole());
  image::ImageMemory little(3 * 48 * 40);
  CHECK(store.add(files, little).empty());
  CHECK(store.kept() == 1);
  CHECK(content.use_count() == 4);  // here, twice in `files`, and for the one that is not kept
  CHECK(torch::equal(store.image(0), store.image(1)));
}

TEST_CASE("A row's augmentation depends only on its place in the batch, not on how the batch is cut", "[image]") {
  const test::TemporaryDirectory directory;
  image::ImageStore store(whole());
  image::ImageMemory memory(1 << 20);
  store.add(write_files(directory), memory);
  const auto drawn = [&](const at::Tensor& rows, int64_t first, uint64_t step) {
    const tensor::RandomScope scope({.seed = 1, .epoch = 1, .step = step, .first_row = first});
    return image::augmented_batch(store, rows, {.resize = 32}, kSpec);
  };
  const at::Tensor rows = torch::tensor({0, 1, 2, 1});
  const at::Tensor all = drawn(rows, 0, 1);
  CHECK(torch::equal(all.narrow(0, 2, 2), drawn(rows.narrow(0, 2, 2), 2, 1)));
  CHECK_FALSE(torch::equal(all[1], all[3]));
  CHECK_FALSE(torch::equal(all, drawn(rows, 0, 2)));
}
