#include "serve/load.hpp"

#include <stdexcept>

#include "base/error.hpp"
#include "base/text.hpp"
#include "compiled/compiled.hpp"
#include "network/native.hpp"
#include "script/script.hpp"

namespace smlt::serve {
namespace {

[[noreturn]] void refuse_exported(const std::string& name) {
  throw UserError(
      "Expected TorchScript or a compiled package in {}, found a program of torch.export that is not compiled; compile "
      "it in Python with program = torch.export.load(\"program.pt2\") and "
      "torch._inductor.aoti_compile_and_package(program, package_path=\"model.pt2\"), or with "
      "examples/compile-model.py.",
      name);
}

std::unique_ptr<network::Network> script_of(const ModelFile& file, const LoadOptions& options) {
  const std::string name = in_quotes(file.path.native(), 200);
  if (file.kind == FileKind::kExported) refuse_exported(name);
  try {
    return script::load(file.path, options.device);
  } catch (const Error&) {
    throw;
  } catch (const std::runtime_error& e) {
    if (file.kind == FileKind::kWeights) {
      throw UserError(
          "Expected TorchScript in {}, found weights or a pickled module as torch.save writes them; load them into the "
          "network in Python and save torch.jit.trace(net, example).save(\"model.pt\") instead.",
          name);
    }
    throw UserError("Expected a TorchScript model at {}, found a file that cannot be loaded: {}.", name,
                    shortened(e.what(), 300));
  }
}

std::unique_ptr<network::Network> compiled_of(const ModelFile& file, const LoadOptions& options) {
  if (options.bfloat16) {
    throw UserError(
        "Expected TorchScript or model.safetensors for --precision bf16, found the compiled package {}, whose "
        "precision "
        "was decided when it was compiled; compile it in bfloat16, or leave --precision out.",
        in_quotes(file.path.native(), 200));
  }
  if (options.compiled) return compiled::load(file.path, options.device, options.workers);
  throw UserError(
      "Expected a model that is no native code, because compiled packages are turned off (--compiled off), found the "
      "package {}; serve TorchScript, or allow packages if you trust who made this one.",
      in_quotes(file.path.native(), 200));
}

std::unique_ptr<network::Network> native_of(const ModelFile& file, const artifact::Manifest* manifest,
                                            const LoadOptions& options) {
  if (manifest == nullptr || !options.net_of) {
    throw UserError("Expected a model.json that describes the network of {}, found none; serve a model.pt instead.",
                    in_quotes(file.path.native(), 200));
  }
  return std::make_unique<network::Native>(options.net_of(*manifest, file.path), options.device);
}

}  // namespace

std::unique_ptr<network::Network> load_network(const ModelFile& file, const artifact::Manifest* manifest,
                                               const LoadOptions& options) {
  if (file.is_native) return native_of(file, manifest, options);
  if (file.kind == FileKind::kCompiled) return compiled_of(file, options);
  return script_of(file, options);
}

}  // namespace smlt::serve
