#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "codec/stored_tensor.hpp"

namespace smlt::codec {

/// Whether the first bytes are those of a file that torch.save wrote since PyTorch 1.6 (a zip), or in the form before
/// (pickles, then the values).
bool is_torch_file(std::string_view start);

/// The tensors of the dictionary in such a file, or of its value "state_dict" or "model"; what else it holds is passed
/// over. No pickle is executed (codec/pickle.hpp). Throws std::invalid_argument with a reason for bytes that are no
/// such file, and as Pickle does.
std::vector<StoredTensor> read_torch_file(std::span<const uint8_t> bytes, std::string_view name);

}  // namespace smlt::codec
