#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace smlt::tensor {

using NamedTensors = std::vector<std::pair<std::string, at::Tensor>>;

/// Writes tensors in the safetensors format (https://github.com/huggingface/safetensors#format): a little-endian 64-bit
/// length, a JSON header, then the values, contiguous and in the order given.
void write_safetensors(const std::filesystem::path& path, const NamedTensors& tensors);

/// Reads such a file. Lengths and offsets are checked against the file before anything is allocated. Throws UserError
/// naming the file and what does not fit. Types: F64, F32, F16, BF16, I64, I32, I16, I8, U8, BOOL.
NamedTensors read_safetensors(const std::filesystem::path& path);

}  // namespace smlt::tensor
