#include "serve/model_file.hpp"

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/folder.hpp"
#include "base/text.hpp"

namespace smlt::serve {
namespace fs = std::filesystem;
namespace {

constexpr const char* kScript = "model.pt";
constexpr const char* kPackage = "model.pt2";
constexpr const char* kUnpacked = "data/aotinductor";

using Names = std::function<bool(const fs::path&)>;

bool is_script_name(const fs::path& name) { return name.extension() == ".pt" || name.extension() == ".pth"; }
bool is_export_name(const fs::path& name) { return name.extension() == ".pt2"; }

std::vector<ModelFile> visible_files(const fs::path& directory) {
  std::vector<ModelFile> files;
  for (const fs::path& path : entries(directory)) {
    if (path.filename().native().starts_with(".") || !is_file(path)) continue;
    files.push_back({.path = path, .kind = kind_of(path)});
  }
  return files;
}

std::vector<ModelFile> selected(const std::vector<ModelFile>& files,
                                const std::function<bool(const ModelFile&)>& is_one) {
  std::vector<ModelFile> found;
  std::copy_if(files.begin(), files.end(), std::back_inserter(found), is_one);
  return found;
}

bool can_be_served(const ModelFile& file) { return file.kind == FileKind::kScript || file.kind == FileKind::kCompiled; }

[[noreturn]] void refuse_several(const fs::path& directory, const std::vector<ModelFile>& found) {
  std::vector<std::string> names;
  for (const ModelFile& each : found) names.push_back(each.path.filename());
  throw UserError("Expected {} or exactly one model in {}, found {}; rename the one to serve to {}.", kScript,
                  in_quotes(directory.native(), 200), shortened(listed(names), 300), kScript);
}

// Of several models: the only one with a name of TorchScript's, then the only one with torch.export's.
std::optional<ModelFile> only_named(const std::vector<ModelFile>& models) {
  for (const Names& fits : {Names(is_script_name), Names(is_export_name)}) {
    const auto named = selected(models, [&](const ModelFile& file) { return fits(file.path.filename()); });
    if (named.size() == 1) return named[0];
    if (named.size() > 1) return std::nullopt;
  }
  return std::nullopt;
}

std::optional<ModelFile> called_model(const fs::path& directory) {
  if (is_file(directory / kScript)) return ModelFile{.path = directory / kScript, .kind = kind_of(directory / kScript)};
  if (is_folder(directory / kPackage)) return ModelFile{.path = directory / kPackage, .kind = FileKind::kCompiled};
  if (is_file(directory / kPackage)) {
    const FileKind kind = kind_of(directory / kPackage);
    return ModelFile{.path = directory / kPackage, .kind = kind == FileKind::kOther ? FileKind::kCompiled : kind};
  }
  if (is_folder(directory / kUnpacked)) return ModelFile{.path = directory, .kind = FileKind::kCompiled};
  return std::nullopt;
}

// What is there although it cannot be served; loading it says why.
std::optional<ModelFile> refused_model(const fs::path& directory, const std::vector<ModelFile>& files) {
  const auto named = selected(files, [](const ModelFile& file) { return is_script_name(file.path.filename()); });
  if (named.size() > 1) refuse_several(directory, named);
  if (named.size() == 1) return named[0];
  const auto exported = selected(files, [](const ModelFile& file) {
    return file.kind == FileKind::kExported || is_export_name(file.path.filename());
  });
  return exported.empty() ? std::nullopt : std::optional(exported[0]);
}

std::optional<ModelFile> found_in(const fs::path& directory) {
  if (const auto called = called_model(directory)) return called;
  const std::vector<ModelFile> files = visible_files(directory);
  const std::vector<ModelFile> models = selected(files, can_be_served);
  if (models.size() == 1) return models[0];
  if (models.size() > 1) {
    if (const auto named = only_named(models)) return named;
    refuse_several(directory, models);
  }
  if (is_file(directory / "model.json") && is_file(directory / "model.safetensors")) {
    return ModelFile{.path = directory / "model.safetensors", .is_native = true};
  }
  return refused_model(directory, files);
}

}  // namespace

ModelFile find_model(const fs::path& where) {
  if (is_file(where)) return {.path = where, .kind = kind_of(where)};
  if (is_folder(where)) {
    if (const auto found = found_in(where)) return *found;
  }
  throw UserError(
      "Expected a model in {}, found no {} and no other file with one; train one, or save one with "
      "torch.jit.trace(net, example).save(\"model.pt\").",
      in_quotes(where.native(), 200), kScript);
}

bool has_model(const fs::path& where) {
  if (is_file(where)) return true;
  return is_folder(where) && found_in(where).has_value();
}

}  // namespace smlt::serve
