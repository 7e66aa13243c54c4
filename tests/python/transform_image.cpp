// transform-image FILE [TOP LEFT HEIGHT WIDTH ANGLE FLIPPED]: an image as the network sees it, to standard output as
// float32 [3, 224, 224]: as evaluation prepares it, or with this augmentation. For test_transforms.py.
#include <torch/torch.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "codec/image/image.hpp"
#include "image/augment.hpp"
#include "image/image.hpp"

using namespace smlt;

int main(int argc, char** argv) {
  const image::ImageSpec spec = {.mode = "RGB",
                                 .resize = 256,
                                 .crop_height = 224,
                                 .crop_width = 224,
                                 .mean = {0.485, 0.456, 0.406},
                                 .std = {0.229, 0.224, 0.225}};
  std::ifstream file(argv[1], std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const codec::Image image = codec::decode_image({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()},
                                                 argv[1], argc == 2 ? spec.decoded_side() : 0);
  at::Tensor out;
  if (argc == 2) {
    out = image::normalized(image::prepared(image, spec), spec)[0].contiguous();
  } else {
    const image::Augmentation drawn = {.top = std::atoi(argv[2]),
                                       .left = std::atoi(argv[3]),
                                       .height = std::atoi(argv[4]),
                                       .width = std::atoi(argv[5]),
                                       .angle = std::atof(argv[6]),
                                       .is_flipped = std::atoi(argv[7]) != 0};
    out = torch::empty({224, 224, 3});
    image::augment(image::shrunk(image, "RGB", 1 << 14), {}, drawn, spec, out.mutable_data_ptr<float>());
    out = out.permute({2, 0, 1}).contiguous();
  }
  std::fwrite(out.const_data_ptr(), 1, out.nbytes(), stdout);
}
