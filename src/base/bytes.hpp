// Numbers as bytes in a given order, whatever this machine's own order is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>

namespace smlt {

/// The unsigned number in `bytes`, highest byte first; 0 if it is empty. `bytes` is a text, span or array of at most 8
/// bytes.
template <typename Bytes>
constexpr uint64_t from_big_endian(const Bytes& bytes) {
  uint64_t value = 0;
  for (const auto byte : bytes) value = value << 8 | static_cast<uint8_t>(byte);
  return value;
}

/// As above, lowest byte first.
template <typename Bytes>
constexpr uint64_t from_little_endian(const Bytes& bytes) {
  uint64_t value = 0;
  for (size_t i = std::size(bytes); i-- > 0;) value = value << 8 | static_cast<uint8_t>(bytes[i]);
  return value;
}

/// The number in `bytes` in two's complement, lowest byte first; 0 if it is empty. At most 8 bytes.
template <typename Bytes>
constexpr int64_t signed_from_little_endian(const Bytes& bytes) {
  const size_t bits = 8 * std::size(bytes);
  uint64_t value = from_little_endian(bytes);
  const bool is_negative = bits > 0 && (value >> (bits - 1) & 1) != 0;
  if (is_negative && bits < 64) value |= ~uint64_t{0} << bits;
  return static_cast<int64_t>(value);
}

/// The lowest `size` bytes (at most 8) of `value`, highest first.
inline std::string to_big_endian(uint64_t value, size_t size) {
  std::string bytes(size, '\0');
  for (size_t i = size; i-- > 0; value >>= 8) bytes[i] = static_cast<char>(value & 0xFF);
  return bytes;
}

/// As above, lowest first.
inline std::string to_little_endian(uint64_t value, size_t size) {
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(value & 0xFF), value >>= 8;
  return bytes;
}

}  // namespace smlt
