// Room codec: bytes <-> plain arrays, one pair of files per format (IDX, PNG, gzip and more). Every byte it reads is
// untrusted: lengths are checked before anything is allocated. Knows only base; no LibTorch, no jobs, no channels, so
// anyone who has bytes can use it.
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

/// Pixels `[height, width, channels]`, 8 bits per sample, as in the file: no gamma or colour profile is applied. The
/// decoders drop alpha, as Pillow's convert("RGB") does.
struct Image {
  int64_t height = 0;
  int64_t width = 0;
  int64_t channels = 0;         // 1 (grey) or 3 (RGB)
  std::vector<uint8_t> pixels;  // height * width * channels
};

}  // namespace smlt::codec
