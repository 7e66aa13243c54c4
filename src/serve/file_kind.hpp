#pragma once

#include <filesystem>

namespace smlt::serve {

/// What a file in a model directory holds.
enum class FileKind {
  kScript,    // TorchScript
  kCompiled,  // a package that the AOTInductor compiled of a torch.export program
  kExported,  // a program of torch.export, not compiled
  kWeights,   // weights or a pickled module, by torch.save
  kOther
};

/// Decides by content: by the names in an archive, of torch.export.save since PyTorch 2.8 and before, among others.
/// Throws PlatformError if the file cannot be read.
FileKind kind_of(const std::filesystem::path& file);

}  // namespace smlt::serve
