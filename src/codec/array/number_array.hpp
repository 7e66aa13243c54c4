#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace smlt::codec {

/// The number types that requests and replies carry, named as in numpy; the last three only in replies.
enum class NumberType {
  kBool,
  kUint8,
  kInt8,
  kInt16,
  kInt32,
  kInt64,
  kFloat16,
  kFloat32,
  kFloat64,
  kUint64,
  kComplex64,
  kComplex128
};

/// Bytes per number.
constexpr size_t size_of(NumberType type) {
  switch (type) {
    case NumberType::kBool:
    case NumberType::kUint8:
    case NumberType::kInt8:
      return 1;
    case NumberType::kInt16:
    case NumberType::kFloat16:
      return 2;
    case NumberType::kInt32:
    case NumberType::kFloat32:
      return 4;
    case NumberType::kInt64:
    case NumberType::kFloat64:
    case NumberType::kUint64:
    case NumberType::kComplex64:
      return 8;
    case NumberType::kComplex128:
      return 16;
  }
  return 0;
}

/// Numbers of any shape in row-major order and this machine's byte order (little-endian):
/// `bytes.size()` is the product of `shape` times `size_of(type)`. An empty shape is a single number.
struct NumberArray {
  NumberType type = NumberType::kFloat32;
  std::vector<int64_t> shape = {};
  std::vector<std::byte> bytes = {};
};

}  // namespace smlt::codec
