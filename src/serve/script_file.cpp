#include "serve/script_file.hpp"

#include <caffe2/serialize/inline_container.h>
#include <torch/script.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/folder.hpp"
#include "base/text.hpp"

namespace smlt::serve {
namespace fs = std::filesystem;
namespace {

constexpr const char* kScript = "model.pt";

bool is_script_name(const fs::path& name) {
  const std::string extension = name.extension().native();
  return (extension == ".pt" || extension == ".pth") && !name.native().starts_with(".");
}

std::vector<std::string> candidates(const fs::path& directory) {
  std::vector<std::string> names;
  std::error_code error;  // then there are none
  for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
    if (is_script_name(it->path().filename()) && it->is_regular_file(error)) names.push_back(it->path().filename());
  }
  std::sort(names.begin(), names.end());
  return names;
}

// A zip of torch.save has data.pkl and no code; before PyTorch 1.6 it was a bare pickle, protocol 2.
bool is_torch_save(const fs::path& file) {
  try {
    caffe2::serialize::PyTorchStreamReader reader(file.string());
    return reader.hasRecord("data.pkl") && !reader.hasRecord("constants.pkl");
  } catch (const c10::Error&) {
    char start[2] = {};
    std::ifstream(file, std::ios::binary).read(start, sizeof start);
    return start[0] == '\x80' && start[1] == '\x02';
  }
}

}  // namespace

fs::path find_script(const fs::path& directory) {
  if (is_file(directory / kScript)) return directory / kScript;
  const std::vector<std::string> found = candidates(directory);
  if (found.size() == 1) return directory / found[0];
  if (found.empty()) {
    throw UserError(
        "Expected a model in {}, found no {} and no other .pt or .pth file; train one, or save one with "
        "torch.jit.trace(net, example).save(\"model.pt\").",
        in_quotes(directory.native(), 200), kScript);
  }
  throw UserError("Expected {} or exactly one .pt or .pth file in {}, found {}; rename the one to serve to {}.",
                  kScript, in_quotes(directory.native(), 200), shortened(listed(found), 300), kScript);
}

torch::jit::Module load_script(const fs::path& file) {
  try {
    torch::jit::Module module = torch::jit::load(file.string(), torch::kCPU);
    module.eval();
    return module;
  } catch (const std::exception& e) {  // c10::Error, or what the unpickler throws
    if (is_torch_save(file)) {
      throw UserError(
          "Expected TorchScript in {}, found weights or a pickled module as torch.save writes them; load them into the "
          "network in Python and save torch.jit.trace(net, example).save(\"model.pt\") instead.",
          in_quotes(file.native(), 200));
    }
    const auto* error = dynamic_cast<const c10::Error*>(&e);
    throw UserError("Expected a TorchScript model at {}, found a file that cannot be loaded: {}.",
                    in_quotes(file.native(), 200),
                    shortened(error != nullptr ? error->what_without_backtrace() : e.what(), 300));
  }
}

}  // namespace smlt::serve
