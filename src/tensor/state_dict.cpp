#include "tensor/state_dict.hpp"

#include <ATen/core/Tensor.h>

#include <algorithm>
#include <array>
#include <map>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "codec/weights/safetensors.hpp"
#include "codec/weights/torch_file.hpp"
#include "tensor/safetensors.hpp"

namespace smlt::tensor {
namespace fs = std::filesystem;
namespace {

constexpr size_t kLargestFile = size_t{16} << 30;
constexpr std::array<std::string_view, 5> kPrefixes = {"module.", "_orig_mod.", "model.", "backbone.", "net."};
constexpr size_t kMostPrefixes = 64;  // combinations that are tried

using codec::StoredTensor;
using codec::TensorDict;

[[noreturn]] void refuse(const fs::path& path, std::string_view reason) {
  throw UserError(
      "Expected weights as torch.save or safetensors write them in {}, found a file that cannot be read: {}.",
      in_quotes(path.native(), 200), shortened(reason, 500));
}

codec::WeightsFile read_safetensors(std::string_view content) {
  codec::WeightsFile file;
  file.dicts.push_back({"", codec::read_safetensors(content).tensors});
  for (const StoredTensor& tensor : file.dicts[0].tensors) file.keys.push_back(tensor.name);
  if (file.keys.empty()) throw std::invalid_argument("it holds no tensors");
  return file;
}

codec::WeightsFile read_known(const std::string& content, const fs::path& path) {
  try {
    if (!codec::is_torch_file(content)) return read_safetensors(content);
    return codec::read_torch_file({reinterpret_cast<const uint8_t*>(content.data()), content.size()}, path.native());
  } catch (const std::invalid_argument& e) {
    refuse(path, e.what());
  }
}

// "" and every combination of the known prefixes that some name starts with, short ones first.
std::vector<std::string> prefixes_of(const TensorDict& dict) {
  std::vector<std::string> found = {""};
  for (size_t i = 0; i < found.size(); ++i) {
    for (const std::string_view more : kPrefixes) {
      const std::string longer = found[i] + std::string(more);
      const auto has_prefix = [&](const StoredTensor& tensor) { return tensor.name.starts_with(longer); };
      if (found.size() < kMostPrefixes && std::any_of(dict.tensors.begin(), dict.tensors.end(), has_prefix)) {
        found.push_back(longer);
      }
    }
  }
  return found;
}

// How many of the wanted tensors are there with their shape, and how many at all.
using Fit = std::pair<size_t, size_t>;

Fit fit_of(const TensorDict& dict, const std::string& prefix, const NamedTensors& wanted) {
  std::map<std::string_view, const StoredTensor*> by_name;
  for (const StoredTensor& tensor : dict.tensors) by_name[tensor.name] = &tensor;
  Fit fit;
  for (const auto& [name, tensor] : wanted) {
    const auto found = by_name.find(prefix + name);
    if (found == by_name.end()) continue;
    if (tensor.sizes() == at::IntArrayRef(found->second->shape)) ++fit.first;
    ++fit.second;
  }
  return fit;
}

struct Choice {
  const TensorDict* dict;
  std::string prefix = "";
  Fit fit = {};
};

Choice best_of(const std::vector<TensorDict>& dicts, const NamedTensors& wanted) {
  Choice best{&dicts[0]};
  for (const TensorDict& dict : dicts) {
    for (const std::string& prefix : prefixes_of(dict)) {
      const Fit fit = fit_of(dict, prefix, wanted);
      if (fit > best.fit) best = {&dict, prefix, fit};
    }
  }
  return best;
}

}  // namespace

StateDict read_state_dict(const fs::path& path, const NamedTensors& wanted) {
  const std::string content = read_file(path, kLargestFile);
  const codec::WeightsFile file = read_known(content, path);
  const Choice best = best_of(file.dicts, wanted);
  StateDict state{{}, file.keys, best.dict->path, {}};
  std::vector<StoredTensor> taken;
  for (const StoredTensor& tensor : best.dict->tensors) {
    state.names.push_back(tensor.name);
    if (!tensor.name.starts_with(best.prefix)) continue;
    taken.push_back(tensor);
    taken.back().name.erase(0, best.prefix.size());
  }
  state.tensors = tensors_of(taken);
  return state;
}

}  // namespace smlt::tensor
