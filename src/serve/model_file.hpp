#pragma once

#include <filesystem>

#include "serve/file_kind.hpp"

namespace smlt::serve {

/// The file to serve, or the folder that a compiled package was unpacked into.
struct ModelFile {
  std::filesystem::path path;
  bool is_native = false;            // model.safetensors, whose network model.json describes
  FileKind kind = FileKind::kOther;  // of a file that is not native
};

/// The model in a directory: model.pt; model.pt2, or a compiled package unpacked there; the only file that is
/// TorchScript or a compiled package, whatever its name, where of several the only .pt or .pth file counts, then the
/// only .pt2 file; model.safetensors beside model.json. Other files are ignored: local mode leaves model.tar.gz there.
/// `where` may also be the file itself. Throws UserError if no model is found, or more than one.
ModelFile find_model(const std::filesystem::path& where);

/// Whether `find_model` would find something in the directory, which may be missing.
bool has_model(const std::filesystem::path& where);

}  // namespace smlt::serve
