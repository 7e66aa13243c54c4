#pragma once

#include <cmath>
#include <cstdlib>
#include <cstring>

#include "codec/array/number_array.hpp"
#include "codec/array/shape.hpp"

namespace smlt::test {

/// Ends the program unless both are float32 arrays of the same shape and numbers; any nan equals any other.
inline void require_same(const codec::NumberArray& a, const codec::NumberArray& b) {
  const auto elements = codec::elements_of(a.shape, sizeof(float));
  if (!elements || *elements * sizeof(float) != a.bytes.size()) std::abort();
  if (a.type != codec::NumberType::kFloat32 || b.type != a.type || b.shape != a.shape) std::abort();
  for (size_t at = 0; at < a.bytes.size(); at += sizeof(float)) {
    float x = 0, y = 0;
    std::memcpy(&x, &a.bytes[at], sizeof x), std::memcpy(&y, &b.bytes[at], sizeof y);
    const bool is_same = std::memcmp(&x, &y, sizeof x) == 0 || (std::isnan(x) && std::isnan(y));
    if (!is_same) std::abort();
  }
}

}  // namespace smlt::test
