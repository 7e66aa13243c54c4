#pragma once

#include <filesystem>
#include <string_view>

#include "tensor/safetensors.hpp"

namespace smlt::tensor {

/// Whether the first bytes are those of a file that torch.save wrote since PyTorch 1.6 (a zip).
bool is_torch_zip(std::string_view start);

/// Whether they are those of the form before: pickles, then the values.
bool is_old_torch_file(std::string_view start);

/// The tensors of the dictionary in such a file (or of its value "state_dict" or "model"). LibTorch's own pickle_load
/// reads no OrderedDict, which every state_dict is; so the pickle is read by tensor/torch_pickle.hpp, and what it says
/// of sizes is held against the bytes that are there. Throw std::exception with a reason, not a sentence.
NamedTensors read_torch_zip(const std::filesystem::path& path);
NamedTensors read_old_torch_file(std::string_view content);

}  // namespace smlt::tensor
