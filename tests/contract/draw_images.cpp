// draw-images FOLDER CLASSES IMAGES: class folders of JPEGs whose class is their colour. The images of a class are in
// turn baseline, progressive, CMYK, turned by EXIF and of another size.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>

#include "tests/codec/image/made_jpeg.hpp"

namespace {

using namespace smlt::test;
namespace fs = std::filesystem;

MadeJpeg drawn(int of_class, int number) {
  const bool is_cmyk = number % 5 == 2;
  MadeJpeg jpeg{number % 5 == 4 ? 300U : 96U, 80U, is_cmyk ? JCS_CMYK : JCS_RGB, is_cmyk ? JCS_YCCK : JCS_YCbCr};
  uint32_t noise = static_cast<uint32_t>(of_class * 1000 + number);
  for (uint32_t i = 0; i < jpeg.width * jpeg.height; ++i) {
    for (int c = 0; c < components_of(jpeg.given); ++c) {
      noise = noise * 1664525 + 1013904223;
      const int base = c == 3 ? 250 : c == of_class % 3 ? 200 - 60 * (of_class / 3) : 40;
      jpeg.samples.push_back(static_cast<uint8_t>(base + static_cast<int>(noise >> 28) - 8));
    }
  }
  jpeg.quality = 85;
  jpeg.is_progressive = number % 5 == 1;
  if (number % 5 == 3) jpeg.app1 = exif_segment(6, true);
  return jpeg;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::cerr << "Usage: draw-images FOLDER CLASSES IMAGES\n";
    return 1;
  }
  for (int of_class = 0; of_class < std::atoi(argv[2]); ++of_class) {
    // A blank and a non-ASCII letter, as users have them.
    const fs::path folder =
        fs::path(argv[1]) / ("00" + std::to_string(of_class + 1) + ".Bird \xC3\xA4 " + std::to_string(of_class));
    fs::create_directories(folder);
    for (int number = 0; number < std::atoi(argv[3]); ++number) {
      std::ofstream(folder / ("image_" + std::to_string(number) + ".jpg"), std::ios::binary)
          << made_jpeg(drawn(of_class, number));
    }
  }
}
