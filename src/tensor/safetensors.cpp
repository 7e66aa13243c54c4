#include "tensor/safetensors.hpp"

#include <torch/torch.h>

#include <bit>
#include <boost/json.hpp>
#include <cstring>
#include <limits>
#include <stdexcept>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/text.hpp"

namespace smlt::tensor {
namespace json = boost::json;
namespace {

static_assert(std::endian::native == std::endian::little,
              "the format is little-endian and values are copied as they are");

constexpr size_t kLengthBytes = 8;
constexpr size_t kLargestHeader = size_t{100} << 20;  // the reference implementation's limit
constexpr size_t kLargestFile = size_t{16} << 30;

struct TypeName {
  const char* name;
  at::ScalarType type;
};
constexpr TypeName kTypes[] = {
    {"F64", at::kDouble}, {"F32", at::kFloat}, {"F16", at::kHalf}, {"BF16", at::kBFloat16}, {"I64", at::kLong},
    {"I32", at::kInt},    {"I16", at::kShort}, {"I8", at::kChar},  {"U8", at::kByte},       {"BOOL", at::kBool},
};

const char* name_of(at::ScalarType type) {
  for (const TypeName& entry : kTypes) {
    if (entry.type == type) return entry.name;
  }
  throw AlgorithmError("Expected a tensor of a type that safetensors has, found {}.", c10::toString(type));
}

at::ScalarType type_called(std::string_view name) {
  for (const TypeName& entry : kTypes) {
    if (entry.name == name) return entry.type;
  }
  throw std::invalid_argument("the type " + in_quotes(name) + " is not known");
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

// The bytes that a shape takes; refuses what does not fit into memory.
size_t bytes_of(const std::vector<int64_t>& shape, at::ScalarType type) {
  size_t bytes = c10::elementSize(type);
  for (const int64_t size : shape) {
    if (size < 0 || (size > 0 && bytes > kLargestFile / static_cast<size_t>(size))) {
      throw std::invalid_argument("a shape is not one that fits into memory");
    }
    bytes *= static_cast<size_t>(size);
  }
  return bytes;
}

at::Tensor read_tensor(const json::value& entry, std::string_view values) {
  const at::ScalarType type = type_called(entry.at("dtype").as_string());
  const auto shape = json::value_to<std::vector<int64_t>>(entry.at("shape"));
  const auto offsets = json::value_to<std::vector<size_t>>(entry.at("data_offsets"));
  if (offsets.size() != 2 || offsets[0] > offsets[1] || offsets[1] > values.size() ||
      offsets[1] - offsets[0] != bytes_of(shape, type)) {
    throw std::invalid_argument("the offsets of a tensor do not fit its shape or the file");
  }
  at::Tensor tensor = torch::empty(shape, type);
  if (tensor.nbytes() > 0) std::memcpy(tensor.mutable_data_ptr(), values.data() + offsets[0], tensor.nbytes());
  return tensor;
}

// Takes the header off `content`, which then starts with the values.
json::object take_header(std::string_view& content) {
  uint64_t header_size = 0;
  if (content.size() < kLengthBytes) throw std::invalid_argument("it is shorter than the length of its header");
  std::memcpy(&header_size, content.data(), kLengthBytes);
  content.remove_prefix(kLengthBytes);
  if (header_size > kLargestHeader || header_size > content.size()) {
    throw std::invalid_argument("its header is longer than the file");
  }
  const json::value header = json::parse(json::string_view(content.data(), header_size));
  content.remove_prefix(header_size);
  return header.as_object();
}

std::map<std::string, std::string> metadata_in(const json::object& header) {
  const json::value* metadata = header.if_contains("__metadata__");
  if (metadata == nullptr) return {};
  return json::value_to<std::map<std::string, std::string>>(*metadata);
}

// Whatever a parser throws, as the one type that callers are promised.
template <typename Parse>
auto checked(Parse parse) {
  try {
    return parse();
  } catch (const std::exception& e) {
    throw std::invalid_argument(printable(e.what()));
  }
}

}  // namespace

std::string to_safetensors(const TensorFile& file) {
  TensorFile contiguous{{}, file.metadata};
  for (const auto& [name, tensor] : file.tensors) {
    contiguous.tensors.emplace_back(name, tensor.detach().cpu().contiguous());
  }
  const std::string header = header_of(contiguous);
  const uint64_t length = header.size();
  std::string content(reinterpret_cast<const char*>(&length), kLengthBytes);
  content += header;
  for (const auto& [name, tensor] : contiguous.tensors) {
    content.append(static_cast<const char*>(tensor.const_data_ptr()), tensor.nbytes());
  }
  return content;
}

TensorFile from_safetensors(std::string_view content) {
  return checked([&] {
    const json::object header = take_header(content);
    TensorFile file{{}, metadata_in(header)};
    for (const auto& [name, entry] : header) {
      if (name != "__metadata__") file.tensors.emplace_back(name, read_tensor(entry, content));
    }
    return file;
  });
}

std::map<std::string, std::string> metadata_of(std::string_view start) {
  return checked([&] { return metadata_in(take_header(start)); });
}

void write_safetensors(const std::filesystem::path& path, const NamedTensors& tensors) {
  write_file(path, to_safetensors({tensors}));
}

NamedTensors read_safetensors(const std::filesystem::path& path) {
  const std::string content = read_file(path, kLargestFile);
  try {
    return from_safetensors(content).tensors;
  } catch (const std::invalid_argument& e) {
    throw UserError("Expected a safetensors file at {}, found one that cannot be read: {}.",
                    in_quotes(path.native(), 200), e.what());
  }
}

}  // namespace smlt::tensor
