#pragma once

#include <span>
#include <string_view>

#include "codec/weights/torch_dicts.hpp"

namespace smlt::codec {

/// Whether the first bytes are those of a file written by torch.save since PyTorch 1.6 (a zip), or in the older form
/// (pickles, then the values).
bool is_torch_file(std::string_view start);

/// The dictionaries of tensors in such a file; everything else in it is ignored. No pickle is executed
/// (codec/pickle/pickle.hpp). Throws std::invalid_argument with a reason for bytes that are not such a file or hold no
/// such dictionary, and as Pickle does.
WeightsFile read_torch_file(std::span<const uint8_t> bytes, std::string_view name);

}  // namespace smlt::codec
