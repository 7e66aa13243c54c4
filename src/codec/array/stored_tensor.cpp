#include "codec/array/stored_tensor.hpp"

#include <stdexcept>

#include "base/text.hpp"

namespace smlt::codec {
namespace {

constexpr size_t kMostDimensions = 64;

// Whether the storage reaches the last element; false for an invalid shape or one that no storage can have.
bool reaches_within(const StoredTensor& tensor) {
  uint64_t last = static_cast<uint64_t>(tensor.offset);
  uint64_t elements = 1;
  bool is_sound = tensor.offset >= 0;
  for (size_t i = 0; i < tensor.shape.size(); ++i) {
    const int64_t size = tensor.shape[i], stride = tensor.strides[i];
    uint64_t step = 0;
    is_sound =
        is_sound && size >= 0 && stride >= 0 &&
        !__builtin_mul_overflow(elements, static_cast<uint64_t>(size), &elements) && elements <= INT64_MAX &&
        (size == 0 || (!__builtin_mul_overflow(static_cast<uint64_t>(size - 1), static_cast<uint64_t>(stride), &step) &&
                       !__builtin_add_overflow(last, step, &last)));
  }
  if (!is_sound || elements == 0) return is_sound;
  return last < tensor.storage.size() / element_size(tensor.type);
}

}  // namespace

size_t element_size(std::string_view type) {
  for (const ElementType& each : kElementTypes) {
    if (each.name == type) return each.size;
  }
  throw std::invalid_argument("the type " + in_quotes(type) + " is not known");
}

void check(const StoredTensor& tensor) {
  const bool is_shape = tensor.shape.size() == tensor.strides.size() && tensor.shape.size() <= kMostDimensions;
  if (!is_shape || !reaches_within(tensor)) {
    throw std::invalid_argument("the shape of " + in_quotes(tensor.name) + " does not fit its data");
  }
}

std::vector<int64_t> contiguous_strides(const std::vector<int64_t>& shape) {
  std::vector<int64_t> strides(shape.size());
  uint64_t stride = 1;  // it may wrap around for an invalid shape, which check() refuses
  for (size_t i = shape.size(); i-- > 0;) {
    strides[i] = static_cast<int64_t>(stride);
    stride *= shape[i] > 0 ? static_cast<uint64_t>(shape[i]) : 1;
  }
  return strides;
}

}  // namespace smlt::codec
