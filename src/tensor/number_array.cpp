#include "tensor/number_array.hpp"

#include <torch/torch.h>

#include <array>
#include <cstring>
#include <memory>
#include <utility>

#include "base/error.hpp"

namespace smlt::tensor {
namespace {

using codec::NumberType;

constexpr std::array kNumberTypes = {
    std::pair{NumberType::kBool, at::kBool},
    std::pair{NumberType::kUint8, at::kByte},
    std::pair{NumberType::kInt8, at::kChar},
    std::pair{NumberType::kInt16, at::kShort},
    std::pair{NumberType::kInt32, at::kInt},
    std::pair{NumberType::kInt64, at::kLong},
    std::pair{NumberType::kFloat16, at::kHalf},
    std::pair{NumberType::kFloat32, at::kFloat},
    std::pair{NumberType::kFloat64, at::kDouble},
    std::pair{NumberType::kUint64, at::kUInt64},
    std::pair{NumberType::kComplex64, at::kComplexFloat},
    std::pair{NumberType::kComplex128, at::kComplexDouble},
};

at::ScalarType scalar_type(NumberType type) {
  for (const auto& [number, scalar] : kNumberTypes) {
    if (number == type) return scalar;
  }
  throw AlgorithmError("Expected a number type that a tensor has, found number {}.", static_cast<int>(type));
}

at::ScalarType plain_type(at::ScalarType type) {
  if (type == at::kBFloat16 || c10::isFloat8Type(type)) return at::kFloat;
  if (type == at::kUInt16) return at::kInt;
  if (type == at::kUInt32) return at::kLong;
  return type == at::kComplexHalf ? at::kComplexFloat : type;
}

NumberType number_type(at::ScalarType type) {
  for (const auto& [number, scalar] : kNumberTypes) {
    if (scalar == type) return number;
  }
  throw AlgorithmError("Expected a tensor of numbers that numpy has a type for, found {}.", c10::toString(type));
}

}  // namespace

at::Tensor tensor_of(codec::NumberArray array) {
  const auto kept = std::make_shared<codec::NumberArray>(std::move(array));
  return torch::from_blob(
      kept->bytes.data(), kept->shape, [kept](void*) {}, scalar_type(kept->type));
}

at::Tensor plain_numbers(const at::Tensor& tensor) {
  at::Tensor plain = tensor.layout() == at::kStrided ? tensor : tensor.to_dense();
  if (plain.is_quantized()) plain = plain.dequantize();
  // Conjugated and negated tensors only carry a mark, which a copy of their bytes would lose.
  return plain.to(at::kCPU, plain_type(plain.scalar_type())).resolve_conj().resolve_neg();
}

codec::NumberArray array_of(const at::Tensor& tensor) {
  const at::Tensor plain = plain_numbers(tensor).contiguous();
  codec::NumberArray array{number_type(plain.scalar_type()), plain.sizes().vec(), {}};
  array.bytes.resize(plain.nbytes());
  if (!array.bytes.empty()) std::memcpy(array.bytes.data(), plain.const_data_ptr(), array.bytes.size());
  return array;
}

}  // namespace smlt::tensor
