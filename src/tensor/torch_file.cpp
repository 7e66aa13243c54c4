#include "tensor/torch_file.hpp"

#include <ATen/EmptyTensor.h>
#include <caffe2/serialize/inline_container.h>
#include <torch/torch.h>

#include <cstring>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "tensor/torch_pickle.hpp"

namespace smlt::tensor {
namespace {

using std::invalid_argument;
using Value = TorchPickle::Value;
using Kind = TorchPickle::Kind;

constexpr std::string_view kZip{"PK\x03\x04", 4};
// A pickle of the number 0x1950a86a20f9469cfc6c.
constexpr std::string_view kOldMagic{"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19\x2e", 15};

using Records = std::map<std::string_view, at::Tensor>;  // uint8 [bytes], by the key of the storage

std::vector<int64_t> numbers_in(const Value& sequence, std::string_view name) {
  constexpr size_t kMostDimensions = 64;
  std::vector<int64_t> out;
  for (const Value* item : sequence.items) {
    if (out.size() == kMostDimensions || item->kind != Kind::kNumber || item->number < 0)
      throw invalid_argument("the shape of " + in_quotes(name) + " is none");
    out.push_back(item->number);
  }
  return out;
}

// The arguments of _rebuild_tensor_v2: storage, offset, sizes, strides, and what matters to gradients alone.
at::Tensor tensor_from(const Value& value, std::string_view name, const Records& records) {
  const auto& arguments = value.items;
  if (arguments.size() < 4 || arguments[0]->kind != Kind::kStorage) {
    throw invalid_argument(in_quotes(name) + " is no tensor with values");
  }
  const auto sizes = numbers_in(*arguments[2], name), strides = numbers_in(*arguments[3], name);
  const int64_t offset = arguments[1]->number;
  const at::ScalarType type = arguments[0]->type;
  const auto record = records.find(arguments[0]->text);
  if (sizes.size() != strides.size() || offset < 0 || record == records.end()) {
    throw invalid_argument("the shape of " + in_quotes(name) + " is none");
  }
  const size_t reach =
      at::detail::computeStorageNbytes(sizes, strides, c10::elementSize(type), static_cast<size_t>(offset));
  if (reach > record->second.nbytes())
    throw invalid_argument("the shape of " + in_quotes(name) + " does not fit its data");
  return torch::empty({0}, type).set_(record->second.storage(), offset, sizes, strides);
}

const Value& dictionary_in(const Value& root) {
  for (const char* name : {"state_dict", "model"}) {
    const Value* inner = root.at(name);
    if (inner != nullptr && inner->kind == Kind::kDict) return *inner;
  }
  if (root.kind != Kind::kDict) throw invalid_argument("it holds no dictionary of tensors");
  return root;
}

NamedTensors tensors_in(const TorchPickle& pickle, const Records& records) {
  const Value& dictionary = dictionary_in(pickle.root());
  NamedTensors tensors;
  for (size_t i = 0; i + 1 < dictionary.items.size(); i += 2) {
    const Value &key = *dictionary.items[i], &value = *dictionary.items[i + 1];
    if (key.kind != Kind::kText || value.kind != Kind::kTensor) continue;
    tensors.emplace_back(key.text, tensor_from(value, key.text, records));
  }
  return tensors;
}

at::Tensor byte_tensor(const void* data, size_t size) {
  at::Tensor bytes = torch::empty({static_cast<int64_t>(size)}, torch::kByte);
  if (size > 0) std::memcpy(bytes.mutable_data_ptr(), data, size);
  return bytes;
}

std::string_view take(std::string_view& bytes, size_t size) {
  if (size > bytes.size()) throw invalid_argument("it is cut off");
  const std::string_view taken = bytes.substr(0, size);
  bytes.remove_prefix(size);
  return taken;
}

TorchPickle take_pickle(std::string_view& bytes) {
  TorchPickle pickle(bytes);
  bytes.remove_prefix(pickle.length());
  return pickle;
}

}  // namespace

bool is_torch_zip(std::string_view start) { return start.starts_with(kZip); }
bool is_old_torch_file(std::string_view start) { return start.starts_with(kOldMagic); }

NamedTensors read_torch_zip(const std::filesystem::path& path) {
  caffe2::serialize::PyTorchStreamReader archive(path.string());
  const auto [data, size] = archive.getRecord("data.pkl");
  const TorchPickle pickle({static_cast<const char*>(data.get()), size});
  Records records;
  for (const auto& [key, storage] : pickle.storages()) {
    const auto [values, bytes] = archive.getRecord("data/" + std::string(key));
    records[key] = byte_tensor(values.get(), bytes);
  }
  return tensors_in(pickle, records);
}

// Pickles of a magic number, a protocol number, facts on the machine, the object, and the keys of its storages; then of
// each storage in this order the count of its elements and their values.
NamedTensors read_old_torch_file(std::string_view content) {
  for (int number = 0; number < 3; ++number) take_pickle(content);
  const TorchPickle object = take_pickle(content);
  const TorchPickle keys = take_pickle(content);
  Records records;
  for (const Value* key : keys.root().items) {
    const auto storage = object.storages().find(key->text);
    if (storage == object.storages().end()) throw invalid_argument("it holds a storage that no tensor has");
    uint64_t elements = 0;
    std::memcpy(&elements, take(content, sizeof elements).data(), sizeof elements);
    const size_t element_size = c10::elementSize(storage->second->type);
    if (elements > content.size() / element_size) throw invalid_argument("it is cut off");
    const std::string_view values = take(content, elements * element_size);
    records[storage->first] = byte_tensor(values.data(), values.size());
  }
  return tensors_in(object, records);
}

}  // namespace smlt::tensor
