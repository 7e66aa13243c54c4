#include "codec/weights/safetensors.hpp"

#include <boost/json.hpp>
#include <cstring>
#include <new>
#include <stdexcept>
#include <utility>

#include "base/bytes.hpp"
#include "base/text.hpp"
#include "codec/archive/overlap.hpp"

namespace smlt::codec {
namespace json = boost::json;
namespace {

constexpr size_t kLengthBytes = 8;
constexpr size_t kLargestHeader = size_t{100} << 20;  // the reference implementation's limit

uint64_t header_size(std::string_view start) {
  if (start.size() < kLengthBytes) throw std::invalid_argument("it is shorter than the length of its header");
  return from_little_endian(start.substr(0, kLengthBytes));
}

// Removes the header from `content`, which then starts with the values.
json::object take_header(std::string_view& content) {
  const uint64_t size = header_size(content);
  content.remove_prefix(kLengthBytes);
  if (size > kLargestHeader || size > content.size()) throw std::invalid_argument("its header is longer than the file");
  const json::value header = json::parse(json::string_view(content.data(), size));
  content.remove_prefix(size);
  return header.as_object();
}

std::string_view known_type(std::string_view name) {
  for (const ElementType& each : kElementTypes) {
    if (each.name == name) return each.name;
  }
  throw std::invalid_argument("the type " + in_quotes(name) + " is not known");
}

StoredTensor tensor_from(std::string_view name, const json::value& entry, std::string_view values) {
  const auto offsets = json::value_to<std::vector<uint64_t>>(entry.at("data_offsets"));
  if (offsets.size() != 2 || offsets[0] > offsets[1] || offsets[1] > values.size()) {
    throw std::invalid_argument("the offsets of " + in_quotes(name) + " do not fit the file");
  }
  const uint64_t size = offsets[1] - offsets[0];
  StoredTensor tensor{.name = std::string(name),
                      .type = known_type(entry.at("dtype").as_string()),
                      .shape = json::value_to<std::vector<int64_t>>(entry.at("shape")),
                      .storage = {reinterpret_cast<const uint8_t*>(values.data()) + offsets[0], size}};
  tensor.strides = contiguous_strides(tensor.shape);
  check(tensor);
  uint64_t elements = 1;
  for (const int64_t each : tensor.shape) elements *= static_cast<uint64_t>(each);
  if (elements * element_size(tensor.type) != size) {
    throw std::invalid_argument("the shape of " + in_quotes(name) + " does not fit its data");
  }
  return tensor;
}

std::map<std::string, std::string> metadata_in(const json::object& header) {
  const json::value* metadata = header.if_contains("__metadata__");
  if (metadata == nullptr) return {};
  return json::value_to<std::map<std::string, std::string>>(*metadata);
}

// Turns whatever a parser throws into the one type that callers are promised; but lack of memory says nothing about the
// file.
template <typename Parse>
auto checked(Parse parse) {
  try {
    return parse();
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& e) {
    throw std::invalid_argument(printable(e.what()));
  }
}

}  // namespace

Safetensors read_safetensors(std::string_view bytes) {
  return checked([&] {
    const json::object header = take_header(bytes);
    Safetensors file{{}, metadata_in(header)};
    std::vector<std::string_view> values;
    for (const auto& [name, entry] : header) {
      if (name == "__metadata__") continue;
      const StoredTensor& tensor = file.tensors.emplace_back(tensor_from(name, entry, bytes));
      values.emplace_back(reinterpret_cast<const char*>(tensor.storage.data()), tensor.storage.size());
    }
    if (do_overlap(std::move(values))) throw std::invalid_argument("its tensors overlap");
    return file;
  });
}

std::map<std::string, std::string> read_safetensors_metadata(std::string_view start) {
  return checked([&] { return metadata_in(take_header(start)); });
}

bool looks_like_safetensors(std::string_view start, uint64_t size) {
  return start.size() > kLengthBytes && start[kLengthBytes] == '{' && header_size(start) <= size;
}

}  // namespace smlt::codec
