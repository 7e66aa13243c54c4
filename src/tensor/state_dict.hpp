#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tensor/net.hpp"

namespace smlt::tensor {

/// The weights of a network in a file and, for error sentences, what the file holds.
struct StateDict {
  NamedTensors tensors;            // without the prefix that wrappers add to their names
  std::vector<std::string> keys;   // of the file
  std::string path;                // of the dictionary in it that was chosen: "state_dict"; "" for the file's own
  std::vector<std::string> names;  // in that dictionary, as in the file
};

/// The weights in a file written as safetensors or by torch.save, told apart by content. A checkpoint may hold several
/// dictionaries of tensors (codec/weights/torch_dicts.hpp), and DataParallel, torch.compile, Lightning and others put
/// "module.", "_orig_mod.", "model." or the like in front of names, in any combination: the dictionary and prefix
/// chosen are those that give most of the tensors of `wanted` under their names, preferring tensors of the same shape.
/// Types are the file's. No pickle code is executed: only tensors, dictionaries and plain values are understood. Throws
/// UserError naming the file and what is wrong with it, PlatformError if it cannot be read.
StateDict read_state_dict(const std::filesystem::path& path, const NamedTensors& wanted);

}  // namespace smlt::tensor
