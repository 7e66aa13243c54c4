#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tensor/net.hpp"

namespace smlt::tensor {

/// The weights of a network in a file, and for sentences what the file holds.
struct StateDict {
  NamedTensors tensors;            // without the prefix that wrappers put in front of their names
  std::vector<std::string> keys;   // of the file
  std::string path;                // of the dictionary in it that was taken: "state_dict"; "" for the file's own
  std::vector<std::string> names;  // in that dictionary, as the file has them
};

/// The weights in a file of safetensors or of torch.save, told apart by content. A checkpoint may hold several
/// dictionaries of tensors (codec/weights/torch_dicts.hpp), and DataParallel, torch.compile, Lightning and others put
/// "module.", "_orig_mod.", "model." or the like in front of names, in any combination: what is taken is the dictionary
/// and the prefix that give most of the tensors of `wanted` under their names, first of all those of the same shape.
/// Types are the file's. No code of a pickle is executed: tensors, dictionaries and plain values are all that is
/// understood. Throws UserError naming the file and what is wrong with it, PlatformError when it cannot be read.
StateDict read_state_dict(const std::filesystem::path& path, const NamedTensors& wanted);

/// Whether the first bytes of the file are those of such a file. Throws PlatformError when it cannot be read.
bool looks_like_weights(const std::filesystem::path& path);

}  // namespace smlt::tensor
