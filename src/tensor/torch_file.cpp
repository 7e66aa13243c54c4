#include "tensor/torch_file.hpp"

#include <ATen/EmptyTensor.h>
#include <caffe2/serialize/inline_container.h>
#include <torch/csrc/jit/serialization/unpickler.h>
#include <torch/torch.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <map>
#include <set>
#include <stdexcept>

#include "base/text.hpp"

namespace smlt::tensor {
namespace {

using std::invalid_argument;

constexpr std::string_view kZip{"PK\x03\x04", 4};
// A pickle of the number 0x1950a86a20f9469cfc6c.
constexpr std::string_view kOldMagic{"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19\x2e", 15};
constexpr size_t kLargestPickle = size_t{1} << 20;  // a state_dict of a thousand tensors takes 0.1 MB

using ReadRecord = std::function<at::DataPtr(const std::string& key)>;

c10::IValue unpickled(std::string_view pickle, const ReadRecord& record) {
  if (pickle.size() > kLargestPickle) throw invalid_argument("its pickle is too large");
  const auto read = [&pickle](char* into, size_t wanted) {
    const size_t count = pickle.copy(into, wanted);
    pickle.remove_prefix(count);
    return count;
  };
  const auto no_class = [](const c10::QualifiedName& name) -> c10::StrongTypePtr {
    throw invalid_argument("it holds an object of the class " + in_quotes(name.qualifiedName()));
  };
  return torch::jit::Unpickler(read, no_class, nullptr, record, at::Device(at::kCPU)).parse_ivalue();
}

// The dictionary of tensors in what was pickled.
NamedTensors tensors_in(const c10::IValue& value) {
  if (!value.isGenericDict()) throw invalid_argument("it holds no dictionary of tensors");
  auto dictionary = value.toGenericDict();
  for (const char* name : {"state_dict", "model"}) {
    const auto found = dictionary.find(name);
    if (found == dictionary.end() || !found->value().isGenericDict()) continue;
    dictionary = found->value().toGenericDict();
    break;
  }
  NamedTensors tensors;
  for (const auto& entry : dictionary) {
    if (entry.key().isString() && entry.value().isTensor()) {
      tensors.emplace_back(entry.key().toStringRef(), entry.value().toTensor());
    }
  }
  return tensors;
}

// Bytes of its storage that a tensor reaches into.
size_t reach(const std::string& name, const at::Tensor& tensor) {
  const auto is_negative = [](int64_t number) { return number < 0; };
  if (tensor.storage_offset() < 0 || std::any_of(tensor.sizes().begin(), tensor.sizes().end(), is_negative) ||
      std::any_of(tensor.strides().begin(), tensor.strides().end(), is_negative)) {
    throw invalid_argument("the shape of " + in_quotes(name) + " is none");
  }
  if (tensor.numel() == 0) return 0;
  return at::detail::computeStorageNbytes(tensor.sizes(), tensor.strides(), static_cast<size_t>(tensor.element_size()),
                                          static_cast<size_t>(tensor.storage_offset()));
}

void check_reach(const std::string& name, const at::Tensor& tensor, size_t stored) {
  if (reach(name, tensor) > stored)
    throw invalid_argument("the shape of " + in_quotes(name) + " does not fit its data");
}

// Where the pickle at the start of `bytes` ends: the arguments of each opcode are passed over.
size_t pickle_length(std::string_view bytes) {
  const auto little_endian = [&](size_t at, size_t size) {
    size_t value = 0;
    for (size_t i = size; i-- > 0;) value = value << 8 | static_cast<uint8_t>(bytes.at(at + i));
    return value;
  };
  constexpr std::string_view kPlain = ")(}]t\x85\x86\x87RQsuaeb\x88\x89N0";
  size_t at = 0;
  while (at < bytes.size()) {
    const char opcode = bytes[at++];
    switch (opcode) {
      case '.':
        return at;
      case '\x80':
      case 'q':
      case 'h':
      case 'K':
        at += 1;
        break;
      case 'M':
        at += 2;
        break;
      case 'r':
      case 'j':
      case 'J':
        at += 4;
        break;
      case 'G':
        at += 8;
        break;
      case '\x8a':
      case 'U':
        at += 1 + little_endian(at, 1);
        break;
      case 'X':
      case 'T':
        at += 4 + little_endian(at, 4);
        break;
      case 'c':
        for (int line = 0; line < 2; ++line) at = std::min(bytes.find('\n', at), bytes.size()) + 1;
        break;
      default:
        if (kPlain.find(opcode) == std::string_view::npos) throw invalid_argument("its pickle is none of a state_dict");
    }
  }
  throw invalid_argument("its pickle is cut off");
}

std::string_view take(std::string_view& bytes, size_t size) {
  if (size > bytes.size()) throw invalid_argument("it is cut off");
  const std::string_view taken = bytes.substr(0, size);
  bytes.remove_prefix(size);
  return taken;
}

}  // namespace

bool is_torch_zip(std::string_view start) { return start.starts_with(kZip); }
bool is_old_torch_file(std::string_view start) { return start.starts_with(kOldMagic); }

NamedTensors read_torch_zip(const std::filesystem::path& path) {
  caffe2::serialize::PyTorchStreamReader archive(path.string());
  std::map<const void*, size_t> sizes;  // of each record, by its data
  const auto record = [&](const std::string& key) {
    auto [data, size] = archive.getRecord("data/" + key);
    sizes[data.get()] = size;
    return std::move(data);
  };
  if (archive.getRecordSize("data.pkl") > kLargestPickle) throw invalid_argument("its pickle is too large");
  const auto [pickle, size] = archive.getRecord("data.pkl");
  NamedTensors tensors = tensors_in(unpickled({static_cast<const char*>(pickle.get()), size}, record));
  for (const auto& [name, tensor] : tensors) check_reach(name, tensor, sizes[tensor.storage().data()]);
  return tensors;
}

// Pickles of a magic number, a protocol number, facts on the machine, the object, and the keys of its storages; then of
// each storage in this order the count of its elements and their values.
NamedTensors read_old_torch_file(std::string_view content) {
  content.remove_prefix(kOldMagic.size());
  take(content, pickle_length(content));
  take(content, pickle_length(content));
  std::set<std::string> keys;  // a storage's context points to its key here until its values are known
  const auto no_data = [&](const std::string& key) {
    void* place = const_cast<std::string*>(&*keys.insert(key).first);
    return at::DataPtr(
        nullptr, place, [](void*) {}, at::kCPU);
  };
  NamedTensors tensors = tensors_in(unpickled(take(content, pickle_length(content)), no_data));
  std::map<std::string, std::vector<at::Tensor*>> of_key;
  std::map<std::string, std::string> name_of_key;
  for (auto& [name, tensor] : tensors) {
    const auto* key = static_cast<const std::string*>(tensor.storage().data_ptr().get_context());
    if (key == nullptr) continue;  // without elements
    of_key[*key].push_back(&tensor);
    name_of_key[*key] = name;
  }
  const c10::IValue order = unpickled(take(content, pickle_length(content)), no_data);
  for (const c10::IValue& entry : order.toListRef()) {
    const auto found = of_key.find(entry.toStringRef());
    if (found == of_key.end()) throw invalid_argument("it holds other tensors than those of a dictionary");
    uint64_t elements = 0;
    std::memcpy(&elements, take(content, sizeof elements).data(), sizeof elements);
    const auto element_size = static_cast<size_t>(found->second[0]->element_size());
    if (elements > content.size() / element_size) throw invalid_argument("it is cut off");
    const std::string_view values = take(content, elements * element_size);
    at::Tensor data = torch::empty({static_cast<int64_t>(values.size())}, torch::kByte);
    std::memcpy(data.mutable_data_ptr(), values.data(), values.size());
    for (at::Tensor* tensor : found->second) {
      check_reach(name_of_key[found->first], *tensor, values.size());
      *tensor = torch::empty({0}, tensor->options())
                    .set_(data.storage(), tensor->storage_offset(), tensor->sizes(), tensor->strides());
    }
    of_key.erase(found);
  }
  if (!of_key.empty()) throw invalid_argument("it is cut off");
  return tensors;
}

}  // namespace smlt::tensor
