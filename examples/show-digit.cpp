// show-digit FILE ROW: draws a row of an IDX file of images in the terminal, two pixels per character.
#include <unistd.h>

#include <charconv>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/output.hpp"
#include "codec/array/idx.hpp"

namespace {

// From black to white.
constexpr const char* kShades[] = {" ", "\u2591", "\u2592", "\u2593", "\u2588"};

const char* shade(int upper, int lower) {
  const int mean = (upper + lower) / 2;
  return kShades[mean < 16 ? 0 : 1 + (mean - 16) * 4 / 240];
}

std::string drawn(const smlt::codec::ByteArray& images, int64_t row) {
  const int64_t height = images.shape[1];
  const int64_t width = images.shape[2];
  const auto pixel = [&](int64_t y, int64_t x) -> int {
    return y < height ? images.data[static_cast<size_t>((row * height + y) * width + x)] : 0;
  };
  std::string out;
  for (int64_t y = 0; y < height; y += 2) {
    for (int64_t x = 0; x < width; ++x) out += shade(pixel(y, x), pixel(y + 1, x));
    out += '\n';
  }
  return out;
}

std::string run(const std::string& file, std::string_view row_text) {
  int64_t row = -1;
  std::from_chars(row_text.data(), row_text.data() + row_text.size(), row);
  const smlt::codec::ByteArray images = smlt::codec::read_idx(file);
  if (images.shape.size() != 3 || row < 0 || row >= images.shape[0]) {
    throw smlt::UserError("Expected a file of images and the number of one of them, found row '{}' of {}.", row_text,
                          file);
  }
  return drawn(images, row);
}

}  // namespace

int main(int argc, char** argv) {
  smlt::Output errors(STDERR_FILENO);
  if (argc != 3) {
    errors.line("usage: show-digit FILE ROW");
    return 1;
  }
  try {
    smlt::Output(STDOUT_FILENO).line(run(argv[1], argv[2]));
  } catch (const std::exception& e) {
    errors.line(e.what());
    return 1;
  }
}
