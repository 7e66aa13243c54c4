#pragma once

#include <cstring>
#include <string>
#include <vector>

#include "codec/array/number_array.hpp"

namespace smlt::test {

/// `values` as an array of `shape`.
template <typename Number>
codec::NumberArray made_numbers(codec::NumberType type, std::vector<int64_t> shape, const std::vector<Number>& values) {
  codec::NumberArray array{type, std::move(shape), {}};
  array.bytes.resize(values.size() * sizeof(Number));
  if (!values.empty()) std::memcpy(array.bytes.data(), values.data(), array.bytes.size());
  return array;
}

template <typename Number>
std::vector<Number> numbers_of(const codec::NumberArray& array) {
  std::vector<Number> values(array.bytes.size() / sizeof(Number));
  if (!values.empty()) std::memcpy(values.data(), array.bytes.data(), array.bytes.size());
  return values;
}

/// An npy file of version 1, its header padded as numpy pads it.
inline std::string made_npy(const std::string& header, const std::string& data, char version = 1) {
  std::string text = header;
  text.append(128 - (version == 1 ? 11 : 13) - text.size() % 64, ' ');
  text += '\n';
  std::string file = std::string("\x93NUMPY") + version + '\0';
  const size_t length_bytes = version == 1 ? 2 : 4;
  for (size_t i = 0; i < length_bytes; ++i) file += static_cast<char>(text.size() >> (8 * i));
  return file + text + data;
}

}  // namespace smlt::test
