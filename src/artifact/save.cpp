#include "artifact/save.hpp"

#include <torch/torch.h>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/folder.hpp"
#include "base/text.hpp"
#include "script/script.hpp"
#include "tensor/safetensors.hpp"

namespace smlt::artifact {
namespace fs = std::filesystem;
namespace {

constexpr const char* kManifest = "model.json";
constexpr const char* kScript = "model.pt";
constexpr const char* kWeights = "model.safetensors";

}  // namespace

void remove_model(const fs::path& directory) {
  for (const char* file : {kManifest, kScript, kWeights}) {
    std::error_code absent;  // the usual case
    fs::remove(directory / file, absent);
    remove_leftovers(directory / file);
  }
}

void save(const fs::path& directory, tensor::Net& net, const at::Tensor& example, const Manifest& manifest) {
  remove_model(directory);
  try {
    tensor::write_safetensors(directory / kWeights, tensor::state_dict(net));
    write_file(directory / kScript, script::exported(net, example));
    write_file(directory / kManifest, to_json(manifest));
  } catch (...) {
    remove_model(directory);
    throw;
  }
}

void check_writable(const fs::path& directory) {
  create_folder(directory);
  const fs::path probe = directory / ".write-test";
  remove_leftovers(probe);
  try {
    write_file(probe, "");
  } catch (const Error& e) {
    throw PlatformError("Expected a directory that this user may write to, found {} ({}); mount it writable.",
                        in_quotes(directory.native(), 200), e.what());
  }
  std::error_code gone;
  fs::remove(probe, gone);
}

}  // namespace smlt::artifact
