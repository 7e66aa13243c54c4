#include "tensor/state_dict.hpp"

#include <algorithm>
#include <fstream>
#include <stdexcept>
#include <string_view>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "codec/safetensors.hpp"
#include "codec/torch_file.hpp"
#include "tensor/safetensors.hpp"

namespace smlt::tensor {
namespace fs = std::filesystem;
namespace {

constexpr size_t kLargestFile = size_t{16} << 30;
constexpr std::string_view kPrefix = "module.";

std::string first_bytes(const fs::path& path) {
  std::string bytes(16, '\0');
  std::ifstream file(path, std::ios::binary);
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<size_t>(file.gcount()));
  return bytes;
}

void take_off_prefix(NamedTensors& tensors) {
  const auto has_prefix = [](const auto& entry) { return entry.first.starts_with(kPrefix); };
  if (!std::all_of(tensors.begin(), tensors.end(), has_prefix)) return;
  for (auto& [name, tensor] : tensors) name.erase(0, kPrefix.size());
}

[[noreturn]] void refuse(const fs::path& path, std::string_view reason) {
  throw UserError(
      "Expected weights as torch.save or safetensors write them in {}, found a file that cannot be read: {}.",
      in_quotes(path.native(), 200), shortened(reason, 300));
}

NamedTensors read_known(const fs::path& path) {
  const std::string content = read_file(path, kLargestFile);
  try {
    if (!codec::is_torch_file(content)) return tensors_of(codec::read_safetensors(content).tensors);
    return tensors_of(
        codec::read_torch_file({reinterpret_cast<const uint8_t*>(content.data()), content.size()}, path.native()));
  } catch (const std::invalid_argument& e) {
    refuse(path, e.what());
  }
}

}  // namespace

NamedTensors read_state_dict(const fs::path& path) {
  NamedTensors tensors = read_known(path);
  if (tensors.empty()) refuse(path, "it holds no tensors");
  take_off_prefix(tensors);
  return tensors;
}

bool looks_like_weights(const fs::path& path) {
  const std::string start = first_bytes(path);
  std::error_code error;
  const uint64_t size = fs::file_size(path, error);
  return codec::is_torch_file(start) || (!error && codec::looks_like_safetensors(start, size));
}

}  // namespace smlt::tensor
