// Room codec: bytes <-> plain arrays, a pair of files a format (IDX, PNG, gzip; further formats stand beside them).
// Every byte it reads is foreign: lengths are checked before anything is allocated. Knows base alone; no LibTorch, no
// jobs, no channels, so that whoever has bytes can use it.
#pragma once

#include <cstdint>
#include <vector>

namespace smlt::codec {

/// Unsigned bytes in row-major order: `data.size()` is the product of `shape`.
struct ByteArray {
  std::vector<int64_t> shape;
  std::vector<uint8_t> data;
};

/// Numbers in row-major order: `values.size()` is rows * columns.
struct FloatTable {
  int64_t rows = 0;
  int64_t columns = 0;
  std::vector<float> values;
};

/// Pixels `[height, width, channels]`, 8 bits a sample, as the file has them: no gamma or colour profile is applied.
/// Alpha is dropped by the decoders, as Pillow's convert("RGB") does.
struct Image {
  int64_t height = 0;
  int64_t width = 0;
  int64_t channels = 0;         // 1 (grey) or 3 (RGB)
  std::vector<uint8_t> pixels;  // height * width * channels
};

}  // namespace smlt::codec
