#include "serve/numbers.hpp"

#include <torch/torch.h>

#include <array>

#include "base/byte_order_mark.hpp"
#include "base/error.hpp"
#include "base/text.hpp"
#include "codec/array/json_member.hpp"
#include "codec/array/json_numbers.hpp"
#include "codec/array/npy.hpp"
#include "codec/array/npz.hpp"
#include "codec/table/csv_numbers.hpp"
#include "tensor/number_array.hpp"

namespace smlt::serve {
namespace {

constexpr std::array<std::string_view, 3> kKeys = {"inputs", "instances", "features"};

at::Tensor read_json(std::string_view text, std::string_view name) {
  const std::string_view json = without_byte_order_mark(text, name);
  if (!trimmed(json.substr(0, 64)).starts_with('{')) {
    return tensor::tensor_of(codec::read_json_numbers(json, name, text.size() - json.size()));
  }
  const auto found = codec::json_member(json, kKeys, name);
  if (found) {
    return tensor::tensor_of(codec::read_json_numbers(*found, name, static_cast<size_t>(found->data() - text.data())));
  }
  throw UserError(
      "Expected numbers in nested lists in {}, or an object with them under inputs, instances or features, found an "
      "object without these.",
      name);
}

}  // namespace

at::Tensor read_numbers(std::string_view body, BodyType type, std::string_view name) {
  switch (type) {
    case BodyType::kJson:
    case BodyType::kLines:
      return read_json(body, name).to(at::kFloat);
    case BodyType::kCsv:
      return tensor::tensor_of(codec::read_csv_numbers(body, name)).to(at::kFloat);
    case BodyType::kNpy:
      return tensor::tensor_of(codec::read_npy(body, name));
    case BodyType::kNpz:
      return tensor::tensor_of(codec::read_npz(body, name));
    case BodyType::kImage:
      break;
  }
  throw AlgorithmError("Expected numbers in {}, found an image.", name);
}

}  // namespace smlt::serve
