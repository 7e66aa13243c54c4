#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "codec/array/stored_tensor.hpp"

namespace smlt::codec {

/// A file in the safetensors format (https://github.com/huggingface/safetensors#format): a little-endian 64-bit length,
/// a JSON header, then the values.
struct Safetensors {
  std::vector<StoredTensor> tensors;  // in the order of the header, contiguous; no two overlap
  std::map<std::string, std::string> metadata;
};

/// Reads such bytes; the storages are views of them. Throws std::invalid_argument saying what does not fit: lengths,
/// types, shapes, offsets outside the file, and overlapping tensors.
Safetensors read_safetensors(std::string_view bytes);

/// Only the metadata, from the first bytes of a file; throws as `read_safetensors` does.
std::map<std::string, std::string> read_safetensors_metadata(std::string_view start);

/// Whether a file of `size` bytes that starts like this may be one: its header fits into it and is a JSON object.
bool looks_like_safetensors(std::string_view start, uint64_t size);

}  // namespace smlt::codec
