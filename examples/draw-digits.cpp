// draw-digits OUT [--train N] [--test N] [--seed S]: draws handwritten-looking digits and stores them in OUT as MNIST
// is stored, in four IDX files: a data set for machines without a network.
#include <cstdint>
#include <filesystem>
#include <string>

#include "codec/array/idx.hpp"
#include "digit_picture.hpp"
#include "generator.hpp"

namespace smlt::examples {
namespace {

namespace fs = std::filesystem;

constexpr const char* kUsage = "usage: draw-digits OUT [--train N] [--test N] [--seed S]";
constexpr int64_t kMostDigits = 1'000'000;

void write_set(const fs::path& folder, const std::string& name, int64_t count, uint64_t set_seed) {
  codec::ByteArray images{{count, kField, kField}, {}};
  codec::ByteArray labels{{count}, {}};
  Random random(set_seed);
  for (int64_t i = 0; i < count; ++i) {
    const auto digit = static_cast<int>(random.below(10));
    const Picture picture = draw_digit(digit, random);
    images.data.insert(images.data.end(), picture.begin(), picture.end());
    labels.data.push_back(static_cast<uint8_t>(digit));
  }
  codec::write_idx(folder / (name + "-images-idx3-ubyte"), images);
  codec::write_idx(folder / (name + "-labels-idx1-ubyte"), labels);
}

void write(const fs::path& folder, const Options& given) {
  const int64_t train_count = whole_number(given, "train", 1, kMostDigits);
  const int64_t test_count = whole_number(given, "test", 1, kMostDigits);
  write_set(folder, "train", train_count, 2 * seed(given));
  write_set(folder, "t10k", test_count, 2 * seed(given) + 1);
}

}  // namespace
}  // namespace smlt::examples

int main(int argc, char** argv) {
  using namespace smlt::examples;
  return run_generator(argc, argv, kUsage, {{"train", "12000"}, {"test", "2000"}, {"seed", "1"}}, write);
}
