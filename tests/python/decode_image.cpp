// decode-image FILE: our decoder's result: "HEIGHT WIDTH CHANNELS" and a line feed, then the pixels; or exit code 1 and
// the sentence on standard error. For test_pictures.py.
#include <cstdio>
#include <string>

#include "base/error.hpp"
#include "base/file.hpp"
#include "codec/image/image.hpp"

using namespace smlt;

int main(int, char** argv) {
  try {
    const std::string bytes = read_file(argv[1], size_t{64} << 20);
    const codec::Image image =
        codec::decode_image({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()}, argv[1]);
    fmt::print("{} {} {}\n", image.height, image.width, image.channels);
    std::fwrite(image.pixels.data(), 1, image.pixels.size(), stdout);
  } catch (const UserError& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
}
