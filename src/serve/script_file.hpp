#pragma once

#include <torch/csrc/jit/api/module.h>

#include <filesystem>

namespace smlt::serve {

/// The model in a directory: model.pt, or else the only *.pt or *.pth file, as AWS's images choose it (platform 14.7).
/// Other files are ignored: local mode leaves model.tar.gz there. Throws UserError if there is none or several; for a
/// lone .pt2 file, which torch.export writes, the error says what it is.
std::filesystem::path find_script(const std::filesystem::path& directory);

/// Loads TorchScript in eval mode on the CPU. Throws UserError for anything else, and recognises weights written by
/// torch.save and archives of torch.export.
torch::jit::Module load_script(const std::filesystem::path& file);

}  // namespace smlt::serve
