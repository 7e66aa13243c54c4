#include "tensor/state_dict.hpp"

#include <torch/torch.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <stdexcept>
#include <string_view>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "tensor/torch_file.hpp"

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

// A 64-bit length that fits into the file, and a JSON object.
bool is_safetensors(const fs::path& path, const std::string& start) {
  uint64_t length = 0;
  if (start.size() < sizeof length + 1 || start[sizeof length] != '{') return false;
  std::memcpy(&length, start.data(), sizeof length);
  std::error_code error;
  return length <= fs::file_size(path, error) && !error;
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
  if (!is_torch_zip(start) && !is_old_torch_file(start)) return read_safetensors(path);
  std::error_code error;
  if (fs::file_size(path, error) > kLargestFile) refuse(path, "it is larger than 16 GiB");
  try {
    return is_torch_zip(start) ? read_torch_zip(path) : read_old_torch_file(read_file(path, kLargestFile));
  } catch (const c10::Error& e) {
    refuse(path, e.what_without_backtrace());
  } catch (const std::exception& e) {
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
  return is_torch_zip(start) || is_old_torch_file(start) || is_safetensors(path, start);
}

}  // namespace smlt::tensor
