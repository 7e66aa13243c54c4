#pragma once

#include <zlib.h>

#include <string>
#include <string_view>

namespace smlt::test {

/// `data` as deflate in the frame that zlib's `window_bits` stand for.
inline std::string made_deflate(std::string_view data, int window_bits, int level) {
  z_stream stream{};
  deflateInit2(&stream, level, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, data.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
  stream.avail_in = static_cast<uInt>(data.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

/// `data` as one gzip member.
inline std::string made_gzip(std::string_view data, int level = Z_DEFAULT_COMPRESSION) {
  return made_deflate(data, MAX_WBITS + 16, level);
}

/// Bytes without a pattern that gzip could use, the same in every run.
inline std::string noise(size_t size, uint32_t seed = 1) {
  std::string out(size, '\0');
  for (char& byte : out) {
    seed = seed * 1664525 + 1013904223;
    byte = static_cast<char>(seed >> 24);
  }
  return out;
}

}  // namespace smlt::test
