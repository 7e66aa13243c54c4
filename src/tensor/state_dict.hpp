#pragma once

#include <filesystem>

#include "tensor/net.hpp"

namespace smlt::tensor {

/// The tensors of a file of weights: safetensors, or what torch.save makes of a state_dict (also as the value
/// "state_dict" or "model" of a dictionary), told apart by content. A leading "module." of all names, which
/// DataParallel leaves, is taken off. No code of a pickle is executed: tensors, dictionaries and plain values are all
/// that is understood. Throws UserError naming the file and what is wrong with it.
NamedTensors read_state_dict(const std::filesystem::path& path);

/// Whether the first bytes of the file are those of such a file.
bool looks_like_weights(const std::filesystem::path& path);

}  // namespace smlt::tensor
