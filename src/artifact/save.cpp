#include "artifact/save.hpp"

#include <torch/torch.h>

#include "artifact/safetensors.hpp"
#include "artifact/script.hpp"
#include "base/error.hpp"
#include "base/file.hpp"
#include "base/text.hpp"

namespace smlt::artifact {
namespace fs = std::filesystem;
namespace {

NamedTensors state_dict(const tensor::Net& net) {
  NamedTensors tensors;
  for (const auto& parameter : net.named_parameters()) tensors.emplace_back(parameter.key(), parameter.value());
  for (const auto& buffer : net.named_buffers()) tensors.emplace_back(buffer.key(), buffer.value());
  return tensors;
}

}  // namespace

void save(const fs::path& directory, tensor::Net& net, const at::Tensor& example, const Manifest& manifest) {
  std::error_code absent;  // the usual case
  fs::remove(directory / "model.json", absent);
  write_safetensors(directory / "model.safetensors", state_dict(net));
  const torch::jit::Module script = to_script(net, example);
  write_file_with(directory / "model.pt", [&](const fs::path& temporary) {
    try {
      script.save(temporary.string());
    } catch (const c10::Error& e) {
      throw PlatformError("Cannot write {}: {}.", in_quotes((directory / "model.pt").native(), 200),
                          printable(e.what_without_backtrace()));
    }
  });
  write_file(directory / "model.json", to_json(manifest));
}

void check_writable(const fs::path& directory) {
  std::error_code error;
  fs::create_directories(directory, error);
  if (!fs::is_directory(directory)) {
    throw PlatformError("Expected a directory to write to at {}, found {}.", in_quotes(directory.native(), 200),
                        error ? error.message() : "a file");
  }
  const fs::path probe = directory / ".smlt-write-test";
  write_file(probe, "");
  fs::remove(probe, error);
}

}  // namespace smlt::artifact
