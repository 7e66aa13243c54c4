#include "serve/script_file.hpp"

#include <caffe2/serialize/inline_container.h>
#include <torch/script.h>

#include <algorithm>
#include <fstream>
#include <new>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/folder.hpp"
#include "base/text.hpp"
#include "codec/archive/zip.hpp"
#include "tensor/failure.hpp"

namespace smlt::serve {
namespace fs = std::filesystem;
namespace {

constexpr const char* kScript = "model.pt";
constexpr size_t kLargestArchive = size_t{4} << 30;  // of an archive that is inspected if it does not load

bool is_script_name(const fs::path& name) {
  const std::string extension = name.extension().native();
  return (extension == ".pt" || extension == ".pth") && !name.native().starts_with(".");
}

bool is_export_name(const fs::path& name) { return name.extension() == ".pt2" && !name.native().starts_with("."); }

std::vector<std::string> candidates(const fs::path& directory, bool (*is_one)(const fs::path&)) {
  if (!is_folder(directory)) return {};
  std::vector<std::string> names;
  for (const fs::path& path : entries(directory)) {
    if (is_one(path.filename()) && is_file(path)) names.push_back(path.filename());
  }
  return names;
}

// A zip by torch.save has data.pkl but no code; before PyTorch 1.6 it was a bare pickle, protocol 2.
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

// Whether a path inside an archive is under `folder`, below the archive's own folder or without one.
bool lies_under(std::string_view path, std::string_view folder) {
  return path.starts_with(folder) || path.substr(std::min(path.find('/'), path.size() - 1) + 1).starts_with(folder);
}

// What torch.export wrote, "" if the file is something else. Only names are checked: those of torch.export.save since
// PyTorch 2.8 and before, and of the AOTInductor.
std::string exported_kind(const fs::path& file) {
  std::vector<std::string> names;
  try {
    const std::string bytes = read_file(file, kLargestArchive);
    for (const codec::ZipMember& member : codec::zip_members(bytes)) names.emplace_back(member.name);
  } catch (const UserError&) {
  } catch (const std::invalid_argument&) {  // not an archive, which is an answer
  }
  const auto has = [&](std::string_view folder) {
    return std::any_of(names.begin(), names.end(), [&](const std::string& name) { return lies_under(name, folder); });
  };
  if (has("data/aotinductor/")) return "a package that the AOTInductor compiled of a torch.export program";
  if (has("models/") || has("serialized_exported_program.json")) return "a program of torch.export";
  return "";
}

[[noreturn]] void refuse_exported(const fs::path& file, const std::string& kind) {
  throw UserError(
      "Expected TorchScript in {}, found {}, which this version does not run; save "
      "torch.jit.trace(net, example).save(\"model.pt\") of the same network in Python.",
      in_quotes(file.native(), 200), kind);
}

void refuse_exported_alone(const fs::path& directory) {
  for (const std::string& name : candidates(directory, is_export_name)) {
    const std::string kind = exported_kind(directory / name);
    refuse_exported(directory / name, kind.empty() ? "an archive named as torch.export's are" : kind);
  }
}

torch::jit::Module loaded(const fs::path& file) {
  try {
    return torch::jit::load(file.string(), torch::kCPU);
  } catch (const std::exception& e) {  // c10::Error, or what the unpickler throws
    if (tensor::is_out_of_memory(e)) throw std::bad_alloc();
    if (const std::string kind = exported_kind(file); !kind.empty()) refuse_exported(file, kind);
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

}  // namespace

fs::path find_script(const fs::path& directory) {
  if (is_file(directory / kScript)) return directory / kScript;
  const std::vector<std::string> found = candidates(directory, is_script_name);
  if (found.size() == 1) return directory / found[0];
  if (found.empty()) refuse_exported_alone(directory);
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
  torch::jit::Module module = loaded(file);
  if (!module.find_method("forward")) {
    throw UserError("Expected a model with a method forward in {}, found one without; save a whole torch.nn.Module.",
                    in_quotes(file.native(), 200));
  }
  module.eval();
  return module;
}

}  // namespace smlt::serve
