#include "serve/numbers.hpp"

#include <torch/torch.h>

#include <boost/json.hpp>

#include "base/error.hpp"
#include "base/text.hpp"
#include "codec/csv_numbers.hpp"
#include "codec/json_numbers.hpp"
#include "codec/npy.hpp"
#include "codec/npz.hpp"
#include "tensor/number_array.hpp"

namespace smlt::serve {
namespace json = boost::json;
namespace {

constexpr std::array kKeys = {"inputs", "instances", "features"};

// The text of the numbers that an object holds.
std::string unwrapped(std::string_view text, std::string_view name) {
  boost::system::error_code error;
  const json::value value = json::parse(json::string_view(text.data(), text.size()), error);
  if (!error && value.is_object()) {
    for (const char* key : kKeys) {
      if (const json::value* found = value.as_object().if_contains(key)) return json::serialize(*found);
    }
  }
  throw UserError(
      "Expected numbers in nested lists in {}, or an object with them under inputs, instances or features, "
      "found {}.",
      name, error ? "an object that is no JSON: " + printable(error.message()) : "an object without these");
}

at::Tensor read_json(std::string_view text, std::string_view name) {
  if (!trimmed(text.substr(0, 64)).starts_with('{')) return tensor::tensor_of(codec::read_json_numbers(text, name));
  return tensor::tensor_of(codec::read_json_numbers(unwrapped(text, name), name));
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
