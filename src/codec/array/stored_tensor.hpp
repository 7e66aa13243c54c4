#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace smlt::codec {

/// A number type under its safetensors name, and its bytes.
struct ElementType {
  std::string_view name;
  size_t size;
};
inline constexpr std::array kElementTypes = {
    ElementType{"F64", 8}, ElementType{"F32", 4}, ElementType{"F16", 2}, ElementType{"BF16", 2}, ElementType{"I64", 8},
    ElementType{"I32", 4}, ElementType{"I16", 2}, ElementType{"I8", 1},  ElementType{"U8", 1},   ElementType{"BOOL", 1},
};

/// A tensor in a weights file. Every element that shape and strides reach lies in `storage`, which is a view of the
/// file's bytes, need not be aligned and may be shared by several tensors.
struct StoredTensor {
  std::string name;
  std::string_view type;  // of kElementTypes
  std::vector<int64_t> shape;
  std::vector<int64_t> strides = {};  // in elements
  int64_t offset = 0;                 // in elements
  std::span<const uint8_t> storage;
};

/// Throws std::invalid_argument with a reason for an unknown type.
size_t element_size(std::string_view type);

/// Throws std::invalid_argument with a reason unless the tensor is as described above: for negative numbers, sizes that
/// no memory can hold, and elements outside the storage.
void check(const StoredTensor& tensor);

/// The strides of elements in row-major order.
std::vector<int64_t> contiguous_strides(const std::vector<int64_t>& shape);

}  // namespace smlt::codec
