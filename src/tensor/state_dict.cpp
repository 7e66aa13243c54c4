#include "tensor/state_dict.hpp"

#include <ATen/EmptyTensor.h>
#include <caffe2/serialize/inline_container.h>
#include <torch/csrc/jit/serialization/unpickler.h>
#include <torch/torch.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <map>
#include <stdexcept>
#include <string_view>

#include "base/error.hpp"
#include "base/text.hpp"

namespace smlt::tensor {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kZip{"PK\x03\x04", 4};
constexpr std::string_view kOldForm{"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19\x2e", 15};
constexpr size_t kLargestPickle = size_t{1} << 20;  // a state_dict of a thousand tensors takes 0.1 MB
constexpr size_t kLargestFile = size_t{16} << 30;
constexpr std::string_view kPrefix = "module.";

std::string first_bytes(const fs::path& path) {
  std::string bytes(16, '\0');
  std::ifstream file(path, std::ios::binary);
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<size_t>(file.gcount()));
  return bytes;
}

// A 64-bit length that fits into the file, and a JSON object.
bool is_safetensors(const fs::path& path, const std::string& start) {
  uint64_t length = 0;
  if (start.size() < sizeof length + 1 || start[sizeof length] != '{') return false;
  std::memcpy(&length, start.data(), sizeof length);
  std::error_code error;
  return length <= fs::file_size(path, error) && !error;
}

// What torch.save writes: a zip with a pickle and a record a storage.
class Archive {
 public:
  explicit Archive(const fs::path& path) : reader_(path.string()) {}

  c10::IValue value() {
    if (reader_.getRecordSize("data.pkl") > kLargestPickle) throw std::invalid_argument("its pickle is too large");
    const auto [pickle, size] = reader_.getRecord("data.pkl");
    std::string_view rest(static_cast<const char*>(pickle.get()), size);
    const auto read = [&rest](char* into, size_t wanted) {
      const size_t count = rest.copy(into, wanted);
      rest.remove_prefix(count);
      return count;
    };
    const auto no_class = [](const c10::QualifiedName& name) -> c10::StrongTypePtr {
      throw std::invalid_argument("it holds an object of the class " + in_quotes(name.qualifiedName()));
    };
    torch::jit::Unpickler unpickler(
        read, no_class, nullptr, [this](const std::string& key) { return record(key); }, at::Device(at::kCPU));
    return unpickler.parse_ivalue();
  }

  // The pickle says how large a storage is and which part of it a tensor sees; neither need be true.
  bool holds(const at::Tensor& tensor) const {
    const auto record = sizes_.find(tensor.storage().data());
    const size_t stored = record == sizes_.end() ? 0 : record->second;
    for (const int64_t number : tensor.sizes()) {
      if (number < 0) return false;
    }
    for (const int64_t number : tensor.strides()) {
      if (number < 0) return false;
    }
    if (tensor.storage_offset() < 0 || tensor.numel() == 0) return tensor.storage_offset() >= 0;
    return at::detail::computeStorageNbytes(tensor.sizes(), tensor.strides(),
                                            static_cast<size_t>(tensor.element_size()),
                                            static_cast<size_t>(tensor.storage_offset())) <= stored;
  }

 private:
  at::DataPtr record(const std::string& key) {
    auto [data, size] = reader_.getRecord("data/" + key);
    sizes_[data.get()] = size;
    return std::move(data);
  }

  caffe2::serialize::PyTorchStreamReader reader_;
  std::map<const void*, size_t> sizes_;
};

// The dictionary of tensors in what was pickled.
c10::Dict<c10::IValue, c10::IValue> dictionary_in(const c10::IValue& value) {
  if (!value.isGenericDict()) throw std::invalid_argument("it holds no dictionary of tensors");
  const auto dictionary = value.toGenericDict();
  for (const char* name : {"state_dict", "model"}) {
    const auto found = dictionary.find(name);
    if (found != dictionary.end() && found->value().isGenericDict()) return found->value().toGenericDict();
  }
  return dictionary;
}

NamedTensors read_archive(const fs::path& path) {
  Archive archive(path);
  NamedTensors tensors;
  for (const auto& entry : dictionary_in(archive.value())) {
    if (!entry.key().isString() || !entry.value().isTensor()) continue;
    const at::Tensor tensor = entry.value().toTensor();
    const std::string& name = entry.key().toStringRef();
    if (!archive.holds(tensor))
      throw std::invalid_argument("the shape of " + in_quotes(name) + " does not fit its data");
    tensors.emplace_back(name, tensor);
  }
  return tensors;
}

void take_off_prefix(NamedTensors& tensors) {
  const auto has_prefix = [](const auto& entry) { return entry.first.starts_with(kPrefix); };
  if (!std::all_of(tensors.begin(), tensors.end(), has_prefix)) return;
  for (auto& [name, tensor] : tensors) name.erase(0, kPrefix.size());
}

[[noreturn]] void refuse(const fs::path& path, std::string_view reason) {
  throw UserError(
      "Expected weights as torch.save or safetensors write them in {}, found a file that cannot be read: {}.",
      in_quotes(path.native(), 200), printable(reason).substr(0, 300));
}

NamedTensors read_known(const fs::path& path) {
  const std::string start = first_bytes(path);
  if (start.starts_with(kOldForm)) {
    throw UserError(
        "Expected weights as torch.save writes them since PyTorch 1.6 in {}, found the older form; load and save them "
        "again in Python: torch.save(torch.load(FILE), FILE).",
        in_quotes(path.native(), 200));
  }
  if (!start.starts_with(kZip)) return read_safetensors(path);
  std::error_code error;
  if (fs::file_size(path, error) > kLargestFile) refuse(path, "it is larger than 16 GiB");
  try {
    return read_archive(path);
  } catch (const c10::Error& e) {
    refuse(path, e.what_without_backtrace());
  } catch (const std::exception& e) {
    refuse(path, e.what());
  }
}

}  // namespace

NamedTensors state_dict(const Net& net) {
  NamedTensors tensors;
  for (const auto& parameter : net.named_parameters()) tensors.emplace_back(parameter.key(), parameter.value());
  for (const auto& buffer : net.named_buffers()) tensors.emplace_back(buffer.key(), buffer.value());
  return tensors;
}

NamedTensors read_state_dict(const fs::path& path) {
  NamedTensors tensors = read_known(path);
  if (tensors.empty()) refuse(path, "it holds no tensors");
  take_off_prefix(tensors);
  return tensors;
}

bool looks_like_weights(const fs::path& path) {
  const std::string start = first_bytes(path);
  return start.starts_with(kZip) || start.starts_with(kOldForm) || is_safetensors(path, start);
}

}  // namespace smlt::tensor
