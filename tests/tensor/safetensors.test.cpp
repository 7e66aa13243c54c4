#include "tensor/safetensors.hpp"

#include <torch/torch.h>

#include <cstring>

#include "base/error.hpp"
#include "base/file.hpp"
#include "tensor/state_dict.hpp"
#include "tests/catch.hpp"
#include "tests/temporary.hpp"

using namespace smlt;

namespace {

std::string framed(const std::string& header, const std::string& values) {
  const uint64_t size = header.size();
  return std::string(reinterpret_cast<const char*>(&size), 8) + header + values;
}

}  // namespace

TEST_CASE("Tensors of every type and shape come back equal and in order", "[tensor]") {
  const test::TemporaryDirectory directory;
  tensor::NamedTensors tensors = {
      {"conv.weight", torch::randn({3, 2, 5, 5})},      {"transposed", torch::randn({4, 6}).t()},
      {"scalar", torch::tensor(7, torch::kLong)},       {"empty", torch::empty({0, 3})},
      {"half", torch::randn({5}).to(torch::kBFloat16)}, {"bytes", torch::arange(9).to(torch::kByte)}};
  tensor::write_safetensors(directory.path() / "a.safetensors", tensors);
  const tensor::NamedTensors read = tensor::read_state_dict(directory.path() / "a.safetensors", tensors).tensors;
  REQUIRE(read.size() == tensors.size());
  for (size_t i = 0; i < read.size(); ++i) {
    CHECK(read[i].first == tensors[i].first);
    CHECK(read[i].second.scalar_type() == tensors[i].second.scalar_type());
    CHECK(torch::equal(read[i].second, tensors[i].second));
  }
}

TEST_CASE("A header that lies about lengths, offsets or types is refused", "[tensor]") {
  const test::TemporaryDirectory directory;
  const std::string entry = R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})";
  const auto path = directory.path() / "a.safetensors";
  const auto reads = [&](const std::string& content) {
    write_file(path, content);
    return tensor::read_state_dict(path, {}).tensors.size();
  };
  CHECK(reads(framed(entry, "12345678")) == 1);
  const std::string huge = R"({"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,8]}})";
  const std::string negative = R"({"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}})";
  const std::string backwards = R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}})";
  const std::string shorter = R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,8]}})";
  const std::string twice =
      R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})";
  const std::string partly =
      R"({"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]},"b":{"dtype":"U8","shape":[3],"data_offsets":[2,5]}})";
  const std::string within =
      R"({"a":{"dtype":"U8","shape":[6],"data_offsets":[0,6]},"b":{"dtype":"U8","shape":[1],"data_offsets":[3,4]}})";
  const std::string apart =
      R"({"b":{"dtype":"U8","shape":[3],"data_offsets":[5,8]},"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]}})";
  CHECK(reads(framed(apart, "12345678")) == 2);
  const std::string unknown = R"({"a":{"dtype":"F31","shape":[2],"data_offsets":[0,8]}})";
  CHECK_THROWS_AS(reads(framed(entry, "1234567")), UserError);
  for (const std::string& header :
       {huge, negative, backwards, shorter, twice, partly, within, unknown, std::string("{"), std::string("[]")}) {
    CHECK_THROWS_AS(reads(framed(header, "12345678")), UserError);
  }
  CHECK_THROWS_AS(reads(std::string(8, '\xff') + "{}"), UserError);
  CHECK_THROWS_AS(reads("1234"), UserError);
}
