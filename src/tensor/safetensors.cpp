#include "tensor/safetensors.hpp"

#include <torch/torch.h>

#include <bit>
#include <boost/json.hpp>
#include <cstring>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "base/file.hpp"
#include "codec/weights/safetensors.hpp"

namespace smlt::tensor {
namespace json = boost::json;
namespace {

static_assert(std::endian::native == std::endian::little,
              "the format is little-endian and values are copied as they are");

constexpr size_t kLengthBytes = 8;

struct TypeName {
  std::string_view name;
  at::ScalarType type;
};
constexpr TypeName kTypeNames[] = {
    {"F64", at::kDouble}, {"F32", at::kFloat}, {"F16", at::kHalf}, {"BF16", at::kBFloat16}, {"I64", at::kLong},
    {"I32", at::kInt},    {"I16", at::kShort}, {"I8", at::kChar},  {"U8", at::kByte},       {"BOOL", at::kBool},
};
static_assert(std::size(kTypeNames) == codec::kElementTypes.size());

std::string_view name_of(at::ScalarType type) {
  for (const TypeName& entry : kTypeNames) {
    if (entry.type == type) return entry.name;
  }
  throw AlgorithmError("Expected a tensor of a type that safetensors has, found {}.", c10::toString(type));
}

at::ScalarType type_called(std::string_view name) {
  for (const TypeName& entry : kTypeNames) {
    if (entry.name == name) return entry.type;
  }
  throw AlgorithmError("Expected a type of codec/stored_tensor.hpp, found {}.", name);
}

std::string header_of(const TensorFile& file) {
  json::object header{{"__metadata__", json::value_from(file.metadata)}};
  size_t offset = 0;
  for (const auto& [name, tensor] : file.tensors) {
    header[name] = {{"dtype", name_of(tensor.scalar_type())},
                    {"shape", json::value_from(tensor.sizes().vec())},
                    {"data_offsets", {offset, offset + tensor.nbytes()}}};
    offset += tensor.nbytes();
  }
  std::string text = json::serialize(header);
  text.resize((text.size() + kLengthBytes - 1) / kLengthBytes * kLengthBytes, ' ');  // values start aligned
  return text;
}

at::Tensor byte_tensor(std::span<const uint8_t> bytes) {
  at::Tensor copy = torch::empty({static_cast<int64_t>(bytes.size())}, torch::kByte);
  if (!bytes.empty()) std::memcpy(copy.mutable_data_ptr(), bytes.data(), bytes.size());
  return copy;
}

}  // namespace

std::string to_safetensors(const TensorFile& file) {
  TensorFile contiguous{{}, file.metadata};
  for (const auto& [name, tensor] : file.tensors) {
    contiguous.tensors.emplace_back(name, tensor.detach().cpu().contiguous());
  }
  const std::string header = header_of(contiguous);
  std::string content = to_little_endian(header.size(), kLengthBytes) + header;
  for (const auto& [name, tensor] : contiguous.tensors) {
    content.append(static_cast<const char*>(tensor.const_data_ptr()), tensor.nbytes());
  }
  return content;
}

TensorFile from_safetensors(std::string_view content) {
  codec::Safetensors file = codec::read_safetensors(content);
  return {tensors_of(file.tensors), std::move(file.metadata)};
}

std::map<std::string, std::string> metadata_of(std::string_view start) {
  return codec::read_safetensors_metadata(start);
}

void write_safetensors(const std::filesystem::path& path, const NamedTensors& tensors) {
  write_file(path, to_safetensors({tensors}));
}

NamedTensors tensors_of(const std::vector<codec::StoredTensor>& stored) {
  std::map<const uint8_t*, at::Tensor> storages;  // no two in a file begin at the same byte, except empty ones
  NamedTensors tensors;
  for (const codec::StoredTensor& each : stored) {
    at::Tensor& bytes = storages[each.storage.data()];
    if (!bytes.defined() || bytes.numel() < static_cast<int64_t>(each.storage.size()))
      bytes = byte_tensor(each.storage);
    at::Tensor tensor = torch::empty({0}, type_called(each.type));
    tensors.emplace_back(each.name, tensor.set_(bytes.storage(), each.offset, each.shape, each.strides));
  }
  return tensors;
}

}  // namespace smlt::tensor
