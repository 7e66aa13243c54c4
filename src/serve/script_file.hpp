#pragma once

#include <torch/csrc/jit/api/module.h>

#include <filesystem>

namespace smlt::serve {

/// The model in a directory: model.pt, or else the only *.pt or *.pth file, as AWS's images choose it (platform 14.7).
/// Other files do no harm: local mode leaves model.tar.gz there. Throws UserError when there is none, or several; a
/// .pt2 file alone, which torch.export writes, is named for what it is.
std::filesystem::path find_script(const std::filesystem::path& directory);

/// TorchScript in eval mode on the CPU. Throws UserError for what is not, and says so of weights that torch.save wrote
/// and of archives of torch.export.
torch::jit::Module load_script(const std::filesystem::path& file);

}  // namespace smlt::serve
